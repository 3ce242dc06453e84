#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

struct Packed {
    bool flag;
    int8_t tiny;
    long wide;
    char32_t letter;
    uint8_t narrow;
    float half;
    short small;
    double whole;
};

std::tuple<int8_t, short, int, long long, bool> negate_all(int8_t a, short b, int c, long long d, bool flag) {
    return {static_cast<int8_t>(-a), static_cast<short>(-b), -c, -d, !flag};
}

auto double_all(uint8_t a, uint16_t b, unsigned c, uint64_t d, float x, double y) {
    return std::make_tuple(uint8_t(a * 2), uint16_t(b * 2), c * 2, d * 2, x * 2, y * 2);
}

Packed pack(bool flag, int8_t tiny, int64_t wide, char32_t letter, unsigned char narrow, float half,
            int16_t small, double whole) {
    return {flag, tiny, wide, letter, narrow, half, small, whole};
}

Packed toggle(Packed p) {
    p.flag = !p.flag;
    p.letter++;
    p.narrow++;
    return p;
}

std::optional<int16_t> either(std::optional<bool> a, std::optional<int16_t> b, const std::optional<char32_t>& c) {
    if (a && *a) return b;
    if (c) return static_cast<int16_t>(*c);
    return {};
}

size_t count_true(const std::vector<std::tuple<bool, uint16_t, uint64_t>>& pairs) {
    uint64_t sum = 0;
    for (const auto& [flag, _, n] : pairs)
        if (flag) sum += n;
    return sum;
}
