#include <stdlib.h>
#include <string.h>
#include "saggar.h"

static size_t width(unsigned char lead) {
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

saggar_string reverse(saggar_string text) {
    saggar_string out = {malloc(text.len + 1), text.len};
    size_t to = text.len;
    for (size_t i = 0; i < text.len;) {
        size_t n = width((unsigned char)text.data[i]);
        to -= n;
        memcpy(out.data + to, text.data + i, n);
        i += n;
    }
    return out;
}

saggar_list_char code_points(saggar_string text) {
    saggar_list_char out = {malloc((text.len + 1) * sizeof(uint32_t)), 0};
    for (size_t i = 0; i < text.len;) {
        unsigned char lead = (unsigned char)text.data[i];
        size_t n = width(lead);
        uint32_t c = n == 1 ? lead : lead & (0xFFu >> (n + 1));
        for (size_t k = 1; k < n; k++) c = c << 6 | ((unsigned char)text.data[i + k] & 0x3F);
        out.data[out.len++] = c;
        i += n;
    }
    return out;
}

uint32_t count_char(saggar_string text, uint32_t which) {
    saggar_list_char points = code_points(text);
    uint32_t n = 0;
    for (size_t i = 0; i < points.len; i++) n += points.data[i] == which;
    free(points.data);
    return n;
}

saggar_string caesar(saggar_string text, int8_t shift) {
    int by = (shift % 26 + 26) % 26;
    saggar_string out = {malloc(text.len + 1), text.len};
    for (size_t i = 0; i < text.len; i++) {
        int c = text.data[i];
        if (c >= 'a' && c <= 'z') c = 'a' + (c - 'a' + by) % 26;
        if (c >= 'A' && c <= 'Z') c = 'A' + (c - 'A' + by) % 26;
        out.data[i] = (char)c;
    }
    return out;
}

saggar_string from_chars(saggar_list_char chars) {
    saggar_string out = {malloc(chars.len * 4 + 1), 0};
    for (size_t i = 0; i < chars.len; i++) {
        uint32_t c = chars.data[i];
        char *at = out.data + out.len;
        if (c < 0x80) {
            *at++ = (char)c;
        } else if (c < 0x800) {
            *at++ = (char)(0xC0 | c >> 6);
            *at++ = (char)(0x80 | (c & 63));
        } else if (c < 0x10000) {
            *at++ = (char)(0xE0 | c >> 12);
            *at++ = (char)(0x80 | (c >> 6 & 63));
            *at++ = (char)(0x80 | (c & 63));
        } else {
            *at++ = (char)(0xF0 | c >> 18);
            *at++ = (char)(0x80 | (c >> 12 & 63));
            *at++ = (char)(0x80 | (c >> 6 & 63));
            *at++ = (char)(0x80 | (c & 63));
        }
        out.len = (size_t)(at - out.data);
    }
    return out;
}

saggar_option_char first_upper(saggar_string text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= 'A' && text.data[i] <= 'Z')
            return (saggar_option_char){true, (unsigned char)text.data[i]};
    return (saggar_option_char){false, 0};
}

uint32_t next_char(uint32_t c) {
    if (c == 0xD7FF) return 0xE000;
    return c == 0x10FFFF ? 0 : c + 1;
}
