#include "saggar.h"
#include <stdlib.h>
#include <string.h>

static uint32_t next_point(const char *data, size_t *at) {
    unsigned char c = (unsigned char)data[(*at)++];
    int more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    uint32_t point = more == 0 ? c : c & (0x3Fu >> more);
    while (more-- > 0) point = point << 6 | ((unsigned char)data[(*at)++] & 0x3F);
    return point;
}

static size_t put_point(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    for (size_t k = more; k > 0; k--, c >>= 6) out[k] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead[more] | c);
    return more + 1;
}

saggar_list_tuple_char_u32 encode(saggar_string text) {
    saggar_list_tuple_char_u32 runs = {malloc((text.len + 1) * sizeof(saggar_tuple_char_u32)), 0};
    for (size_t at = 0; at < text.len;) {
        uint32_t c = next_point(text.data, &at);
        if (runs.len > 0 && runs.data[runs.len - 1].f0 == c)
            runs.data[runs.len - 1].f1++;
        else
            runs.data[runs.len++] = (saggar_tuple_char_u32){c, 1};
    }
    return runs;
}

saggar_string decode(saggar_list_tuple_char_u32 runs) {
    size_t room = 1;
    for (size_t i = 0; i < runs.len; i++) room += ((size_t)runs.data[i].f1 + 1) * 4;
    saggar_string out = {malloc(room), 0};
    for (size_t i = 0; i < runs.len; i++)
        for (uint32_t n = 0; n < runs.data[i].f1; n++)
            out.len += put_point(out.data + out.len, runs.data[i].f0);
    return out;
}

saggar_list_tuple_u8_u16 pack(saggar_list_u8 data) {
    saggar_list_tuple_u8_u16 runs = {calloc(data.len + 1, sizeof(saggar_tuple_u8_u16)), 0};
    for (size_t i = 0; i < data.len; i++) {
        if (i == 0 || data.data[i] != data.data[i - 1]) runs.data[runs.len++].f0 = data.data[i];
        runs.data[runs.len - 1].f1++;
    }
    return runs;
}

saggar_list_u8 unpack(saggar_list_tuple_u8_u16 runs) {
    saggar_list_u8 out = {NULL, 0};
    for (size_t i = 0; i < runs.len; i++) {
        out.data = realloc(out.data, out.len + runs.data[i].f1 + 1);
        memset(out.data + out.len, runs.data[i].f0, runs.data[i].f1);
        out.len += runs.data[i].f1;
    }
    return out;
}

saggar_option_tuple_char_u32 longest_run(saggar_string text) {
    saggar_option_tuple_char_u32 best = {0};
    saggar_list_tuple_char_u32 runs = encode(text);
    for (size_t i = 0; i < runs.len; i++) {
        if (!best.some || runs.data[i].f1 > best.value.f1) best.value = runs.data[i];
        best.some = true;
    }
    free(runs.data);
    return best;
}
