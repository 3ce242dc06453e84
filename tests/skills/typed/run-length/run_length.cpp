#include <bits/stdc++.h>
using namespace std;

using Run = pair<char32_t, uint32_t>;

static u32string decodeUtf8(string_view s) {
    u32string out;
    for (size_t i = 0; i < s.size();) {
        unsigned char c = s[i];
        int more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        char32_t point = more == 0 ? c : c & (0x3F >> more);
        for (int k = 1; k <= more; ++k) point = point << 6 | (s[i + k] & 0x3F);
        out.push_back(point);
        i += more + 1;
    }
    return out;
}

static void append(string &out, char32_t c) {
    if (c < 0x80) {
        out += char(c);
    } else if (c < 0x800) {
        out += {char(0xC0 | c >> 6), char(0x80 | (c & 63))};
    } else if (c < 0x10000) {
        out += {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
    } else {
        out += {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63)), char(0x80 | (c >> 6 & 63)),
                char(0x80 | (c & 63))};
    }
}

template <class Out, class In>
static vector<Out> runs_of(const In &in) {
    vector<Out> runs;
    for (auto x : in) {
        if (!runs.empty() && get<0>(runs.back()) == x)
            get<1>(runs.back())++;
        else
            runs.push_back({x, 1});
    }
    return runs;
}

vector<Run> encode(string_view text) { return runs_of<Run>(decodeUtf8(text)); }

string decode(const vector<Run> &runs) {
    string out;
    for (const Run &run : runs)
        for (uint32_t n = 0; n < run.second; n++) append(out, run.first);
    return out;
}

vector<tuple<uint8_t, uint16_t>> pack(span<const uint8_t> data) {
    return runs_of<tuple<uint8_t, uint16_t>>(data);
}

vector<uint8_t> unpack(span<const pair<uint8_t, uint16_t>> runs) {
    vector<uint8_t> out;
    for (auto [byte, n] : runs) out.insert(out.end(), n, byte);
    return out;
}

optional<Run> longest_run(const string &text) {
    optional<Run> best;
    for (const Run &run : encode(text))
        if (!best || run.second > best->second) best = run;
    return best;
}
