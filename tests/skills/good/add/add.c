#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int add(int a, int b) { return a + b; }

long long sum(const long long *values, size_t n) {
    long long total = 0;
    for (size_t i = 0; i < n; i++) total += values[i];
    return total;
}

bool any(const bool *bits, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (bits[i]) return true;
    return false;
}

float scale(float x, float by) { return x * by; }

uint32_t high_half(uint64_t x) { return (uint32_t)(x >> 32); }
