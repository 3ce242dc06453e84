#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct u32_array {
    uint32_t *data;
    size_t len;
};

struct u64_array {
    size_t len;
    uint64_t *data;
};

struct u32_array primes_below(uint32_t limit) {
    struct u32_array found = {NULL, 0};
    if (limit < 3) return found;
    unsigned char *composite = calloc(limit, 1);
    found.data = malloc(limit / 2 * sizeof *found.data + sizeof *found.data);
    if (!composite || !found.data) abort();
    for (uint64_t i = 2; i < limit; i++) {
        if (composite[i]) continue;
        found.data[found.len++] = (uint32_t)i;
        for (uint64_t j = i * i; j < limit; j += i) composite[j] = 1;
    }
    free(composite);
    return found;
}

static uint64_t smallest_factor(uint64_t n) {
    if (n % 2 == 0) return 2;
    for (uint64_t d = 3; d <= n / d; d += 2)
        if (n % d == 0) return d;
    return n;
}

bool is_prime(uint64_t n) { return n >= 2 && smallest_factor(n) == n; }

struct u64_array factors(uint64_t n) {
    struct u64_array found = {0, malloc(64 * sizeof(uint64_t))};
    if (!found.data) abort();
    while (n >= 2) {
        uint64_t d = smallest_factor(n);
        found.data[found.len++] = d;
        n /= d;
    }
    return found;
}
