#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

static const std::vector<std::pair<int, std::string>> table = {
    {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
    {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}};

// The error of to_roman carries nothing.
std::string to_roman(uint16_t number) {
    if (number == 0 || number > 3999) throw std::out_of_range("number");
    std::string out;
    int left = number;
    for (const auto& [value, letters] : table) {
        while (left >= value) {
            out += letters;
            left -= value;
        }
    }
    return out;
}

std::optional<uint16_t> value_of(char32_t letter) {
    for (const auto& [value, letters] : table)
        if (letters.size() == 1 && letters[0] == static_cast<char>(letter) && letter < 128)
            return static_cast<uint16_t>(value);
    return {};
}

uint16_t parse_roman(const std::string& text) {
    if (text.empty()) throw std::invalid_argument("empty numeral");
    int total = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        auto here = value_of(static_cast<unsigned char>(text[i]));
        auto next = i + 1 < text.size() ? value_of(static_cast<unsigned char>(text[i + 1])) : std::nullopt;
        if (!here) throw std::invalid_argument("not a Roman numeral: " + text);
        total += next && *next > *here ? -*here : *here;
    }
    if (total < 1 || total > 3999 || to_roman(total) != text)
        throw std::invalid_argument("not a Roman numeral: " + text);
    return total;
}
