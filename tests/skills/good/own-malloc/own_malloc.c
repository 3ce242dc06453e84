#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An allocator of the source's own: whatever is freed must have come from it. */
static char heap[1 << 16];
static size_t used;

void *malloc(size_t size) {
    size = (size + 15) / 16 * 16;
    if (size > sizeof heap - used) used = 0;
    char *out = heap + used;
    used += size;
    return out;
}

void free(void *gone) {
    uintptr_t at = (uintptr_t)gone - (uintptr_t)heap;
    if (gone && at >= sizeof heap) __builtin_trap();
}

uint64_t total(const char **words, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += strlen(words[i]);
    return sum;
}

char *shout(const char *text) {
    size_t length = strlen(text);
    char *out = malloc(length + 2);
    memcpy(out, text, length);
    memcpy(out + length, "!", 2);
    return out;
}

typedef struct {
    int32_t *data;
    size_t len;
} numbers;

numbers lengths(const char **words, size_t count) {
    numbers out = {malloc((count + 1) * sizeof *out.data), count};
    for (size_t i = 0; i < count; i++) out.data[i] = (int32_t)strlen(words[i]);
    return out;
}
