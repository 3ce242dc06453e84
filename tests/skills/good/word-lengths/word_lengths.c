#include <stdlib.h>
#include <string.h>

#include "saggar.h"

static saggar_string copy(const char *data, size_t len) {
    saggar_string s = {malloc(len + 1), len};
    if (!s.data) abort();
    if (len) memcpy(s.data, data, len);
    s.data[len] = '\0';
    return s;
}

saggar_list_u32 word_lengths(saggar_string text) {
    saggar_list_u32 out = {malloc((text.len / 2 + 1) * sizeof *out.data), 0};
    uint32_t run = 0;
    if (!out.data) abort();
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.data[i] != ' ') {
            run++;
        } else if (run) {
            out.data[out.len++] = run;
            run = 0;
        }
    }
    return out;
}

saggar_string longest(saggar_list_string words) {
    size_t best = 0;
    if (words.len == 0) return copy("", 0);
    for (size_t i = 1; i < words.len; i++)
        if (words.data[i].len > words.data[best].len) best = i;
    return copy(words.data[best].data, words.data[best].len);
}

saggar_list_string upper_all(saggar_list_string words) {
    saggar_list_string out = {calloc(words.len + 1, sizeof *out.data), words.len};
    if (!out.data) abort();
    for (size_t i = 0; i < words.len; i++) {
        out.data[i] = copy(words.data[i].data, words.data[i].len);
        for (size_t k = 0; k < out.data[i].len; k++) {
            char *c = &out.data[i].data[k];
            if (*c >= 'a' && *c <= 'z') *c -= 'a' - 'A';
        }
    }
    return out;
}

double spread(saggar_list_f64 values) {
    if (values.len == 0) return 0;
    double low = values.data[0], high = values.data[0];
    for (size_t i = 1; i < values.len; i++) {
        if (values.data[i] < low) low = values.data[i];
        if (values.data[i] > high) high = values.data[i];
    }
    return high - low;
}
