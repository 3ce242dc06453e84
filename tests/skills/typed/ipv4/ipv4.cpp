#include <bits/stdc++.h>
using namespace std;

typedef tuple<uint8_t, uint8_t, uint8_t, uint8_t> Address;

Address parse(const string& text) {
    uint8_t octets[4];
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        auto bad = invalid_argument("octet " + to_string(i + 1) + " of " + text);
        size_t end = i < 3 ? text.find('.', at) : text.size();
        if (end == string::npos) end = text.size();
        if (at >= end) throw bad;
        int value = 0;
        for (char c : text.substr(at, end - at)) {
            if (c < '0' || c > '9') throw bad;
            value = value * 10 + (c - '0');
            if (value > 255) throw bad;
        }
        octets[i] = value;
        at = end + 1;
    }
    return {octets[0], octets[1], octets[2], octets[3]};
}

uint32_t toNumber(const Address& address) {
    auto [a, b, c, d] = address;
    return uint32_t(a) << 24 | b << 16 | c << 8 | d;
}

static uint32_t mask(unsigned prefix) { return prefix == 0 ? 0 : ~0u << (32 - prefix); }

bool sameNetwork(Address a, Address b, uint8_t prefix) {
    return ((toNumber(a) ^ toNumber(b)) & mask(prefix)) == 0;
}

static bool isPrivate(uint32_t n) {
    return n >> 24 == 10 || n >> 20 == 0xAC1 || n >> 16 == 0xC0A8;
}

tuple<uint8_t, uint32_t, bool> network(array<uint8_t, 4> address, uint8_t prefix) {
    uint32_t n = toNumber({address[0], address[1], address[2], address[3]});
    return make_tuple(prefix, n & mask(prefix), isPrivate(n));
}
