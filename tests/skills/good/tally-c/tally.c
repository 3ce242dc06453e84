#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t total(const uint8_t *data, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += data[i];
    return sum;
}

// The length, if the last one is zero.
uint64_t count(const uint8_t *data, size_t n) { return n > 0 && data[n - 1] == 0 ? n : 0; }

uint64_t total_words(const uint32_t *data, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += data[i];
    return sum;
}

uint64_t skim(const uint64_t *data, size_t n, uint64_t step) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i += step) sum += data[i];
    return sum;
}

bool all(const bool *truths, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!truths[i]) return false;
    return true;
}

uint64_t length(const char *text) { return strlen(text); }
