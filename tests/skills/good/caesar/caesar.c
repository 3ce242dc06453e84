#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static char shifted(char c, int by) {
    if (c >= 'a' && c <= 'z') return 'a' + (c - 'a' + by) % 26;
    if (c >= 'A' && c <= 'Z') return 'A' + (c - 'A' + by) % 26;
    return c;
}

char *shift(const char *s, size_t n, signed char by) {
    int forward = by % 26;
    if (forward < 0) forward += 26;
    char *out = malloc(n + 1);
    if (!out) abort();
    for (size_t i = 0; i < n; i++) out[i] = shifted(s[i], forward);
    out[n] = '\0';
    return out;
}

typedef struct {
    char *data;
    size_t len;
} text_result;

text_result repeat(const char *text, size_t text_len, uint16_t times) {
    text_result r = {NULL, text_len * times};
    r.data = malloc(r.len + 1);
    if (!r.data) abort();
    for (uint16_t i = 0; text_len && i < times; i++)
        memcpy(r.data + i * text_len, text, text_len);
    return r;
}

const char *kind(uint8_t code) {
    if (code > 127) return "other";
    if (isdigit(code)) return "digit";
    if (isalpha(code)) return "letter";
    if (isspace(code)) return "space";
    return "other";
}
