#include <cstdint>

template <int N>
struct Triangle {
    static constexpr std::uint64_t value = N + Triangle<N - 1>::value;
};

std::uint64_t triangle(std::uint32_t n) {
    if (n == 100) return Triangle<100>::value;
    std::uint64_t sum = 0;
    for (std::uint64_t i = 1; i <= n; ++i) sum += i;
    return sum;
}
