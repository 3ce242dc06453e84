#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

static constexpr std::array<uint32_t, 256> make_table() {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t c = i;
        for (int k = 0; k < 8; ++k) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    return table;
}

static constexpr auto TABLE = make_table();

uint32_t crc_thirty_two(std::span<const uint8_t> data) {
    uint32_t crc = ~0u;
    for (uint8_t byte : data) crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8);
    return ~crc;
}

uint64_t fnv(const std::vector<uint8_t> &data) {
    uint64_t hash = 14695981039346656037ull;
    for (uint8_t byte : data) hash = (hash ^ byte) * 1099511628211ull;
    return hash;
}

uint16_t fletcher(std::vector<unsigned char> data) {
    unsigned low = 0, high = 0;
    for (unsigned char byte : data) {
        low = (low + byte) % 255;
        high = (high + low) % 255;
    }
    return static_cast<uint16_t>(high << 8 | low);
}

std::string to_hex(std::span<const uint8_t> data) {
    static const char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(data.size() * 2);
    for (uint8_t byte : data) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    throw std::invalid_argument(std::string("not a digit: ") + c);
}

std::vector<uint8_t> unhex(std::string_view text) {
    if (text.size() % 2) throw std::invalid_argument("odd number of digits");
    std::vector<uint8_t> out;
    for (size_t i = 0; i < text.size(); i += 2)
        out.push_back(static_cast<uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
    return out;
}
