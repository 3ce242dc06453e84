#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

using std::vector;

uint8_t sumEight(std::span<const uint8_t> data) {
    return std::accumulate(data.begin(), data.end(), uint8_t{0});
}

unsigned short fletcher(const vector<unsigned char>& data) {
    unsigned a = 0, b = 0;
    for (auto byte : data) {
        a = (a + byte) % 255;
        b = (a + b) % 255;
    }
    return b << 8 | a;
}

uint32_t adler(vector<uint8_t> data) {
    uint32_t a = 1, b = 0;
    for (uint8_t byte : data) {
        a = (a + byte) % 65521;
        b = (a + b) % 65521;
    }
    return b << 16 | a;
}

unsigned long long fnv(std::span<const uint8_t> data) {
    unsigned long long hash = 0xcbf29ce484222325ULL;
    for (auto byte : data) hash = (hash ^ byte) * 0x100000001b3ULL;
    return hash;
}

vector<uint16_t> swapBytes(vector<uint16_t> words) {
    for (auto& w : words) w = static_cast<uint16_t>(w << 8 | w >> 8);
    return words;
}

vector<uint32_t> rotate(const vector<uint32_t>& words, uint8_t by) {
    vector<uint32_t> out;
    for (uint32_t w : words) out.push_back(by % 32 == 0 ? w : w << by % 32 | w >> (32 - by % 32));
    return out;
}

uint64_t xorAll(std::span<const uint64_t> words) {
    uint64_t x = 0;
    for (uint64_t w : words) x ^= w;
    return x;
}

int8_t clampAdd(int8_t a, signed char b) {
    int sum = a + b;
    return sum > 127 ? 127 : sum < -128 ? -128 : sum;
}

vector<short> negate(const vector<int8_t>& values) {
    vector<short> out;
    for (int v : values) out.push_back(-v);
    return out;
}

vector<int> deltas(const vector<int16_t>& values) {
    vector<int> out;
    for (size_t i = 1; i < values.size(); ++i) out.push_back(values[i] - values[i - 1]);
    return out;
}

vector<long> prefixSums(std::span<const int> values) {
    vector<long> sums(values.begin(), values.end());
    std::partial_sum(sums.begin(), sums.end(), sums.begin());
    return sums;
}

vector<int8_t> narrowest(const vector<long long>& values) {
    vector<int8_t> out;
    for (auto v : values) out.push_back(std::clamp(v, -128LL, 127LL));
    return out;
}

vector<bool> setBits(size_t word) {
    vector<bool> bits;
    for (; word; word >>= 1) bits.push_back(word & 1);
    return bits;
}

vector<double> halve(const vector<float>& values) {
    vector<double> out(values.begin(), values.end());
    for (double& v : out) v /= 2;
    return out;
}

bool any(const vector<bool>& flags) { return std::find(flags.begin(), flags.end(), true) != flags.end(); }
