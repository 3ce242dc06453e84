#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct { double *data; size_t len; } series;
typedef struct { int16_t *data; size_t len; } shorts;
typedef struct { bool *data; size_t len; } bools;

static void *allocate(size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size);
    if (!p) abort();
    return p;
}

series moving_average(const double *values, size_t n, unsigned int window) {
    series out = {NULL, 0};
    if (window == 0 || window > n) return out;
    out.len = n - window + 1;
    out.data = allocate(out.len, sizeof(double));
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
        if (i >= window) sum -= values[i - window];
        if (i + 1 >= window) out.data[i + 1 - window] = sum / window;
    }
    return out;
}

double dot(const double *a, size_t a_len, const double *b, size_t b_len) {
    if (a_len != b_len) return NAN;
    double sum = 0;
    for (size_t i = 0; i < a_len; i++) sum += a[i] * b[i];
    return sum;
}

shorts to_shorts(const float *values, size_t n) {
    shorts out = {allocate(n, sizeof(int16_t)), n};
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) continue;
        float clipped = fminf(fmaxf(values[i], -32768.0f), 32767.0f);
        out.data[i] = (int16_t)lroundf(clipped);
    }
    return out;
}

bools above(const float *values, size_t n, float limit) {
    bools out = {allocate(n, sizeof(bool)), n};
    for (size_t i = 0; i < n; i++) out.data[i] = values[i] > limit;
    return out;
}
