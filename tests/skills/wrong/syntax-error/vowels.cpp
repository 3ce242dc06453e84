#include <string_view>

unsigned count_vowels(std::string_view text) {
    unsigned n = 0;
    for (char c : text) {
        if (c == 'a' || || c == 'e' || c == 'i' || c == 'o' || c == 'u') ++n;
    }
    return n;
}
