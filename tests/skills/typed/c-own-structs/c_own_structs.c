#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

typedef enum { CELSIUS, FAHRENHEIT, KELVIN } Unit;

typedef struct {
    unsigned id;
    double value;
    Unit scale;
} Sample;

typedef struct extent {
    float lowest, highest;
    unsigned short count;
} Extent;

Sample convert(Sample s) {
    if (s.scale == FAHRENHEIT) s.value = (s.value - 32) * 5 / 9;
    if (s.scale == KELVIN) s.value -= 273.15;
    s.scale = CELSIUS;
    return s;
}

double *to_celsius(const Sample *samples, size_t n, size_t *out_len) {
    double *out = malloc((n + 1) * sizeof(double));
    for (size_t i = 0; i < n; i++) out[i] = convert(samples[i]).value;
    *out_len = n;
    return out;
}

Extent extent_of(const float *values, int n) {
    Extent e = {0, 0, 0};
    for (int i = 0; i < n; i++) {
        if (i == 0 || values[i] < e.lowest) e.lowest = values[i];
        if (i == 0 || values[i] > e.highest) e.highest = values[i];
        e.count++;
    }
    return e;
}

Sample *warm_only(const Sample *samples, int n, double least, int *returnSize) {
    Sample *out = malloc((size_t)(n + 1) * sizeof(Sample));
    *returnSize = 0;
    for (int i = 0; i < n; i++)
        if (convert(samples[i]).value > least) out[(*returnSize)++] = samples[i];
    return out;
}

unsigned hottest(Sample *samples, size_t count) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (convert(samples[i]).value > convert(samples[best]).value) best = i;
    return count ? samples[best].id : 0;
}

bool wider(const Extent *a, const Extent *b) {
    return a->highest - a->lowest > b->highest - b->lowest;
}
