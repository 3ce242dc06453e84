#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
using namespace std;

vector<uint32_t> decode(string_view text) {
    vector<uint32_t> points;
    for (size_t i = 0; i < text.size();) {
        unsigned char lead = text[i];
        int extra = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        uint32_t point = extra == 0 ? lead : lead & (0x3F >> extra);
        for (++i; extra > 0 && i < text.size(); --extra, ++i)
            point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
        points.push_back(point);
    }
    return points;
}

string encode(span<const uint32_t> points) {
    string out;
    auto tail = [&out](uint32_t bits) { out += static_cast<char>(0x80 | (bits & 0x3F)); };
    for (uint32_t p : points) {
        if (p > 0x10FFFF || (p >= 0xD800 && p <= 0xDFFF))
            throw runtime_error("not a code point: " + to_string(p));
        if (p < 0x80) {
            out += static_cast<char>(p);
        } else if (p < 0x800) {
            out += static_cast<char>(0xC0 | p >> 6);
            tail(p);
        } else if (p < 0x10000) {
            out += static_cast<char>(0xE0 | p >> 12);
            tail(p >> 6);
            tail(p);
        } else {
            out += static_cast<char>(0xF0 | p >> 18);
            tail(p >> 12);
            tail(p >> 6);
            tail(p);
        }
    }
    return out;
}

string reverse(string_view text) {
    vector<uint32_t> points = decode(text);
    std::reverse(points.begin(), points.end());
    return encode(points);
}
