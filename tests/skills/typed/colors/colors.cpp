#include <bits/stdc++.h>
using namespace std;

struct Color {
    unsigned char red = 0, green = 0, blue = 0;
};

enum HexError { HEX_ERROR_WRONG_LENGTH, HEX_ERROR_BAD_DIGIT, HEX_ERROR_NO_HASH };

Color mix(const Color &a, const Color &b, float share) {
    auto blend = [share](int x, int y) { return static_cast<unsigned char>(x + (y - x) * share); };
    return {blend(a.red, b.red), blend(a.green, b.green), blend(a.blue, b.blue)};
}

variant<Color, HexError> parseHex(string text) {
    static const string digits = "0123456789abcdef";
    if (text.empty() || text[0] != '#') return HEX_ERROR_NO_HASH;
    if (text.size() != 7) return HEX_ERROR_WRONG_LENGTH;
    for (char &c : text) c = tolower(c);
    if (text.find_first_not_of(digits, 1) != string::npos) return HEX_ERROR_BAD_DIGIT;
    unsigned char bytes[3];
    for (int i = 0; i < 3; i++) {
        size_t low = digits.find(text[2 + 2 * i]);
        bytes[i] = digits.find(text[1 + 2 * i]) * 16 + low;
    }
    return Color{bytes[0], bytes[1], bytes[2]};
}

string toHex(Color c) {
    char buffer[8];
    snprintf(buffer, sizeof buffer, "#%02x%02x%02x", c.red, c.green, c.blue);
    return buffer;
}

optional<Color> average(const vector<Color> &colors) {
    if (colors.empty()) return nullopt;
    int r = 0, g = 0, b = 0, n = colors.size();
    for (auto &c : colors) r += c.red, g += c.green, b += c.blue;
    return Color{(unsigned char)(r / n), (unsigned char)(g / n), (unsigned char)(b / n)};
}

vector<Color> gradient(const Color &first, const Color &last, uint16_t steps) {
    vector<Color> out;
    for (int i = 0; i < steps; i++) out.push_back(mix(first, last, steps > 1 ? i / (steps - 1.0f) : 0));
    return out;
}

optional<HexError> worst(vector<HexError> problems) {
    if (problems.empty()) return {};
    return *max_element(begin(problems), end(problems));
}
