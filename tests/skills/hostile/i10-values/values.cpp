// I10. 0: a value; anything else: bits that are none, or a NaN that carries something.
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

enum class colour : std::uint8_t { red, green, blue };

// Bits as they are, whatever a compiler would make of them.
template <class T, class Bits> static T as(Bits bits) {
    static_assert(sizeof(T) == sizeof bits);
    volatile Bits hidden = bits;
    Bits seen = hidden;
    T value;
    std::memcpy(&value, &seen, sizeof value);
    return value;
}

std::string text(std::uint32_t n) {
    static const char *const texts[] = {"a", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "ab\xe2\x82"};
    return texts[n % 6];
}

std::vector<std::string> texts(std::uint32_t n) { return {"a", text(n), "b"}; }

char32_t letter(std::uint32_t n) {
    static const std::uint32_t letters[] = {U'a', 0xd800, 0xdfff, 0x110000, 0xffffffff};
    return as<char32_t>(letters[n % 5]);
}

bool flag(std::uint32_t n) { return as<bool>(static_cast<std::uint8_t>(n)); }

colour shade(std::uint32_t n) { return as<colour>(static_cast<std::uint8_t>(n)); }

double number(std::uint32_t n) { return n ? std::bit_cast<double>(0x7ff4000000000000 + n) : 1; }

std::vector<float> numbers(std::uint32_t n) { return {1, std::bit_cast<float>(0xffc00000 + n)}; }

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    if (text(1) != "\xff" || letter(1) != 0xd800 || static_cast<int>(shade(200)) != 200) return 1;
    std::puts("acted: a text that is no UTF-8, a surrogate, a colour that there is not");
    return 0;
}
#endif
