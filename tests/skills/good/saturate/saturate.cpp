#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>

template <typename T>
static T saturating_add(T a, T b) {
    T sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    if (std::is_signed_v<T> && a < 0) return std::numeric_limits<T>::min();
    return std::numeric_limits<T>::max();
}

unsigned char add_bytes(unsigned char a, unsigned char b) { return saturating_add(a, b); }
signed char add_signed_bytes(signed char a, signed char b) { return saturating_add(a, b); }
uint16_t add_shorts(uint16_t a, uint16_t b) { return saturating_add(a, b); }
short add_signed_shorts(short a, short b) { return saturating_add(a, b); }
unsigned add_words(unsigned a, unsigned b) { return saturating_add(a, b); }
int add_signed_words(int a, int b) { return saturating_add(a, b); }
size_t add_longs(size_t a, unsigned long long b) { return saturating_add<size_t>(a, b); }
long add_signed_longs(long long a, long b) { return saturating_add<long>(a, b); }

bool fits(int64_t value, bool is_signed, uint8_t bits) {
    if (bits == 0 || bits > 64) throw std::invalid_argument("bits must be 1 to 64");
    if (is_signed) {
        if (bits == 64) return true;
        int64_t top = int64_t{1} << (bits - 1);
        return value >= -top && value < top;
    }
    if (value < 0) return false;
    return bits == 64 || static_cast<uint64_t>(value) >> bits == 0;
}
