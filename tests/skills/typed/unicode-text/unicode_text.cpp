#include <bits/stdc++.h>
using namespace std;

vector<char32_t> codePoints(const string& text) {
    vector<char32_t> points;
    for (size_t i = 0; i < text.size();) {
        unsigned char lead = text[i];
        int size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t point = size == 1 ? lead : lead & (0xFF >> (size + 1));
        for (int k = 1; k < size; k++) point = point << 6 | (text[i + k] & 0x3F);
        points.push_back(point);
        i += size;
    }
    return points;
}

string fromChars(const vector<char32_t>& chars) {
    string out;
    for (char32_t c : chars) {
        if (c < 0x80) { out += (char)c; continue; }
        if (c < 0x800) out += (char)(0xC0 | c >> 6);
        else {
            if (c < 0x10000) out += (char)(0xE0 | c >> 12);
            else {
                out += (char)(0xF0 | c >> 18);
                out += (char)(0x80 | (c >> 12 & 0x3F));
            }
            out += (char)(0x80 | (c >> 6 & 0x3F));
        }
        out += (char)(0x80 | (c & 0x3F));
    }
    return out;
}

string reverse(string text) {
    auto points = codePoints(text);
    std::reverse(points.begin(), points.end());
    return fromChars(points);
}

unsigned countChar(string text, char32_t which) {
    auto points = codePoints(text);
    return count(points.begin(), points.end(), which);
}

string caesar(string text, signed char shift) {
    int by = ((shift % 26) + 26) % 26;
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = 'a' + (c - 'a' + by) % 26;
        else if (c >= 'A' && c <= 'Z') c = 'A' + (c - 'A' + by) % 26;
    }
    return text;
}

optional<char32_t> firstUpper(const string& text) {
    for (unsigned char c : text)
        if (isupper(c)) return c;
    return nullopt;
}

char32_t nextChar(char32_t c) { return c == 0xD7FF ? 0xE000 : c == 0x10FFFF ? 0 : c + 1; }
