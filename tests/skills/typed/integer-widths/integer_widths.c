#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

uint8_t sum_eight(const uint8_t *data, size_t n) {
    uint8_t sum = 0;
    while (n--) sum += *data++;
    return sum;
}

unsigned short fletcher(const unsigned char *data, int len) {
    unsigned a = 0, b = 0;
    for (int i = 0; i < len; i++) {
        a = (a + data[i]) % 255;
        b = (a + b) % 255;
    }
    return (unsigned short)(b << 8 | a);
}

uint32_t adler(const uint8_t *data, size_t n) {
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < n; i++) {
        a = (a + data[i]) % 65521;
        b = (a + b) % 65521;
    }
    return b << 16 | a;
}

unsigned long long fnv(const uint8_t data[], size_t n) {
    unsigned long long hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < n; i++) hash = (hash ^ data[i]) * 0x100000001b3ULL;
    return hash;
}

uint16_t *swap_bytes(const uint16_t *words, size_t n, size_t *out_len) {
    uint16_t *out = malloc((n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) out[i] = (uint16_t)(words[i] << 8 | words[i] >> 8);
    *out_len = n;
    return out;
}

uint32_t *rotate(const uint32_t *words, size_t n, uint8_t by, size_t *out_len) {
    uint32_t *out = malloc((n + 1) * sizeof *out);
    by %= 32;
    for (size_t i = 0; i < n; i++) out[i] = by ? words[i] << by | words[i] >> (32 - by) : words[i];
    *out_len = n;
    return out;
}

uint64_t xor_all(const uint64_t *words, size_t n) {
    uint64_t x = 0;
    for (size_t i = 0; i < n; i++) x ^= words[i];
    return x;
}

signed char clamp_add(signed char a, int8_t b) {
    int sum = a + b;
    if (sum > 127) return 127;
    if (sum < -128) return -128;
    return (signed char)sum;
}

short *negate(const signed char *values, int n, int *returnSize) {
    short *out = malloc(sizeof(short) * (size_t)(n + 1));
    for (int i = 0; i < n; i++) out[i] = (short)-values[i];
    *returnSize = n;
    return out;
}

int *deltas(const int16_t *values, int n, int *out_len) {
    *out_len = n > 0 ? n - 1 : 0;
    int *out = malloc(sizeof(int) * (size_t)(*out_len + 1));
    for (int i = 1; i < n; i++) out[i - 1] = values[i] - values[i - 1];
    return out;
}

long *prefix_sums(const int *values, size_t n, size_t *out_len) {
    long *sums = calloc(n + 1, sizeof(long)), sum = 0;
    for (size_t i = 0; i < n; i++) sums[i] = sum += values[i];
    *out_len = n;
    return sums;
}

int8_t *narrowest(const long long *values, size_t n, size_t *out_len) {
    int8_t *out = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = (int8_t)(values[i] > 127 ? 127 : values[i] < -128 ? -128 : values[i]);
    *out_len = n;
    return out;
}

bool *set_bits(uint64_t word, size_t *out_len) {
    bool *bits = malloc(64);
    size_t n = 0;
    for (; word; word >>= 1) bits[n++] = word & 1;
    *out_len = n;
    return bits;
}

double *halve(const float *values, size_t n, size_t *out_len) {
    double *out = malloc((n + 1) * sizeof(double));
    for (size_t i = 0; i < n; i++) out[i] = values[i] / 2;
    *out_len = n;
    return out;
}

bool any(const bool *flags, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (flags[i]) return true;
    return false;
}
