#include <stdlib.h>
#include <string.h>
#include "saggar.h"

static const struct { int value; const char *letters; } TABLE[] = {
    {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
    {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
};
#define ROWS (sizeof TABLE / sizeof TABLE[0])

static size_t spell(int number, char *out) {
    char *at = out;
    for (size_t i = 0; i < ROWS; i++) {
        for (; number >= TABLE[i].value; number -= TABLE[i].value) {
            strcpy(at, TABLE[i].letters);
            at += strlen(TABLE[i].letters);
        }
    }
    return (size_t)(at - out);
}

saggar_result_string_none to_roman(uint16_t number) {
    if (number == 0 || number > 3999) return (saggar_result_string_none){.is_err = true};
    char *text = malloc(32);
    size_t len = spell(number, text);
    saggar_result_string_none result = {0};
    result.ok = (saggar_string){text, len};
    return result;
}

saggar_option_u16 value_of(uint32_t letter) {
    for (size_t i = 0; i < ROWS; i++)
        if (TABLE[i].letters[1] == 0 && (uint32_t)TABLE[i].letters[0] == letter)
            return (saggar_option_u16){true, (uint16_t)TABLE[i].value};
    return (saggar_option_u16){false, 0};
}

static saggar_result_u16_string fail(const char *why, saggar_string text) {
    saggar_result_u16_string result = {.is_err = true};
    size_t n = strlen(why);
    result.err.data = malloc(n + text.len + 1);
    memcpy(result.err.data, why, n);
    memcpy(result.err.data + n, text.data, text.len);
    result.err.len = n + text.len;
    return result;
}

saggar_result_u16_string parse_roman(saggar_string text) {
    if (text.len == 0) return fail("empty numeral", text);
    int total = 0, previous = 0;
    for (size_t i = text.len; i-- > 0;) {
        saggar_option_u16 here = value_of((unsigned char)text.data[i]);
        if (!here.some || total > 10000) return fail("not a Roman numeral: ", text);
        total += here.value < previous ? -here.value : here.value;
        previous = here.value;
    }
    char back[64];
    if (total < 1 || total > 3999 || spell(total, back) != text.len ||
        memcmp(back, text.data, text.len) != 0)
        return fail("not a Roman numeral: ", text);
    saggar_result_u16_string result = {0};
    result.ok = (uint16_t)total;
    return result;
}
