#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

struct Numeral {
    int value;
    const char *letters;
};

static const Numeral NUMERALS[] = {
    {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
    {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"},
};

std::string to_roman(uint16_t number) {
    if (number < 1 || number > 3999)
        throw std::out_of_range("the number must be between 1 and 3999");
    std::string out;
    int left = number;
    for (const auto &n : NUMERALS)
        for (; left >= n.value; left -= n.value) out += n.letters;
    return out;
}

uint16_t parse_roman(const char *text) {
    int value = 0;
    const char *at = text;
    for (const auto &n : NUMERALS) {
        size_t size = std::strlen(n.letters);
        for (; value <= 3999 && std::strncmp(at, n.letters, size) == 0; at += size)
            value += n.value;
    }
    bool known = *at == 0 && value >= 1 && value <= 3999 && to_roman(value) == text;
    if (!known) throw std::invalid_argument(std::string("not a Roman numeral: ") + text);
    return value;
}

bool is_roman(std::string text) {
    try {
        parse_roman(text.c_str());
        return true;
    } catch (const std::exception &) {
        return false;
    }
}
