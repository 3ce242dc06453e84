#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "saggar.h"

static uint8_t blend(uint8_t x, uint8_t y, float share) { return (uint8_t)(x + (y - x) * share); }

saggar_color mix(saggar_color a, saggar_color b, float share) {
    saggar_color c;
    c.red = blend(a.red, b.red, share);
    c.green = blend(a.green, b.green, share);
    c.blue = blend(a.blue, b.blue, share);
    return c;
}

static saggar_result_color_hex_error error(saggar_hex_error what) {
    return (saggar_result_color_hex_error){.is_err = true, .err = what};
}

static int digit(char c) {
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *hit = c ? strchr(digits, c) : NULL;
    return hit ? (int)((hit - digits) % 16) : -1;
}

saggar_result_color_hex_error parse_hex(saggar_string text) {
    if (text.len == 0 || text.data[0] != '#') return error(SAGGAR_HEX_ERROR_NO_HASH);
    if (text.len != 7) return error(SAGGAR_HEX_ERROR_WRONG_LENGTH);
    uint8_t bytes[3];
    for (int i = 0; i < 3; i++) {
        int high = digit(text.data[1 + 2 * i]), low = digit(text.data[2 + 2 * i]);
        if (high < 0 || low < 0) return error(SAGGAR_HEX_ERROR_BAD_DIGIT);
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    saggar_result_color_hex_error result = {.is_err = false};
    memcpy(&result.ok, bytes, 3);
    return result;
}

saggar_string to_hex(saggar_color c) {
    saggar_string s = {malloc(8), 7};
    sprintf(s.data, "#%02x%02x%02x", c.red, c.green, c.blue);
    return s;
}

saggar_option_color average(saggar_list_color colors) {
    saggar_option_color result = {0};
    size_t sum[3] = {0};
    if (colors.len == 0) return result;
    for (size_t i = 0; i < colors.len; i++) {
        sum[0] += colors.data[i].red;
        sum[1] += colors.data[i].green;
        sum[2] += colors.data[i].blue;
    }
    result.some = true;
    result.value.red = (uint8_t)(sum[0] / colors.len);
    result.value.green = (uint8_t)(sum[1] / colors.len);
    result.value.blue = (uint8_t)(sum[2] / colors.len);
    return result;
}

saggar_list_color gradient(saggar_color first, saggar_color last, uint16_t steps) {
    saggar_list_color out = {malloc((steps + 1u) * sizeof(saggar_color)), steps};
    for (int i = 0; i < steps; i++)
        out.data[i] = mix(first, last, steps > 1 ? (float)i / (float)(steps - 1) : 0);
    return out;
}

saggar_option_hex_error worst(saggar_list_hex_error problems) {
    saggar_option_hex_error found = {.some = problems.len > 0};
    for (size_t i = 0; i < problems.len; i++)
        if (i == 0 || problems.data[i] > found.value) found.value = problems.data[i];
    return found;
}
