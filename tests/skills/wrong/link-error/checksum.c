#include <stddef.h>
#include <stdint.h>

/* Adds one byte to the sum. */
uint32_t checksum_step(uint32_t sum, uint8_t byte);

uint32_t checksum(const uint8_t *data, size_t n) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum = checksum_step(sum, data[i]);
    }
    return sum;
}
