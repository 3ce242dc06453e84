// How often each byte occurs: four tables, so that equal bytes in a row do not wait for each other.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

uint64_t *histogram(const uint8_t *data, size_t n, size_t *count) {
    uint64_t(*tables)[256] = calloc(4, sizeof *tables);
    *count = tables ? 256 : 0;
    if (!tables) return NULL;
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int lane = 0; lane < 4; lane++) tables[lane][data[i + lane]]++;
    for (; i < n; i++) tables[0][data[i]]++;
    for (int byte = 0; byte < 256; byte++)
        for (int lane = 1; lane < 4; lane++) tables[0][byte] += tables[lane][byte];
    return tables[0];
}

uint8_t most(const uint8_t *data, size_t n) {
    size_t count;
    uint64_t *found = histogram(data, n, &count);
    uint8_t best = 0;
    for (size_t byte = 0; byte < count; byte++)
        if (found[byte] > found[best]) best = byte;
    free(found);
    return best;
}
