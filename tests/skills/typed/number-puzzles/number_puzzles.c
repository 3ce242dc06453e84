#include <stdlib.h>
#include <string.h>

#include "saggar.h"

saggar_tuple_u32_list_string knapsack(saggar_list_item items, uint16_t capacity) {
    size_t width = (size_t)capacity + 1;
    uint32_t *best = calloc((items.len + 1) * width, sizeof *best);
    for (size_t i = 1; i <= items.len; i++) {
        const saggar_item *item = &items.data[i - 1];
        for (size_t c = 0; c < width; c++) {
            uint32_t without = best[(i - 1) * width + c];
            best[i * width + c] = without;
            if (item->weight <= c) {
                uint32_t with = best[(i - 1) * width + c - item->weight] + item->worth;
                if (with > without) best[i * width + c] = with;
            }
        }
    }
    saggar_tuple_u32_list_string result = {best[items.len * width + capacity], {NULL, 0}};
    result.f1.data = malloc((items.len + 1) * sizeof(saggar_string));
    size_t c = capacity;
    for (size_t i = items.len; i > 0; i--) {
        if (best[i * width + c] == best[(i - 1) * width + c]) continue;
        memmove(result.f1.data + 1, result.f1.data, result.f1.len++ * sizeof(saggar_string));
        result.f1.data[0] = (saggar_string){strdup(items.data[i - 1].name.data), items.data[i - 1].name.len};
        c -= items.data[i - 1].weight;
    }
    free(best);
    return result;
}

saggar_list_tuple_u64_u32 factors(uint64_t n) {
    saggar_list_tuple_u64_u32 out = {malloc(64 * sizeof *out.data), 0};
    for (uint64_t p = 2; p * p <= n; p++) {
        uint32_t k = 0;
        for (; n % p == 0; n /= p) k++;
        if (k) out.data[out.len++] = (saggar_tuple_u64_u32){p, k};
    }
    if (n > 1) out.data[out.len++] = (saggar_tuple_u64_u32){n, 1};
    return out;
}

uint64_t product(saggar_list_tuple_u64_u32 factors) {
    uint64_t n = 1;
    for (size_t i = 0; i < factors.len; i++)
        for (uint32_t k = 0; k < factors.data[i].f1; k++) n *= factors.data[i].f0;
    return n;
}

static uint32_t root(const uint32_t *parent, uint32_t x) {
    while (parent[x] != x) x = parent[x];
    return x;
}

saggar_list_list_u32 components(uint32_t count, saggar_list_tuple_u32_u32 pairs) {
    uint32_t *parent = malloc((count + 1u) * sizeof *parent);
    for (uint32_t i = 0; i < count; i++) parent[i] = i;
    for (size_t i = 0; i < pairs.len; i++) {
        uint32_t a = root(parent, pairs.data[i].f0), b = root(parent, pairs.data[i].f1);
        if (a < b) parent[b] = a;
        else parent[a] = b;
    }
    saggar_list_list_u32 out = {malloc((count + 1u) * sizeof *out.data), 0};
    for (uint32_t r = 0; r < count; r++) {
        if (parent[r] != r) continue;
        saggar_list_u32 *group = &out.data[out.len++];
        group->data = malloc(count * sizeof(uint32_t));
        group->len = 0;
        for (uint32_t i = r; i < count; i++)
            if (root(parent, i) == r) group->data[group->len++] = i;
    }
    free(parent);
    return out;
}

static size_t lower_bound(saggar_list_s64 sorted, int64_t wanted) {
    size_t low = 0, high = sorted.len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (sorted.data[mid] < wanted) low = mid + 1;
        else high = mid;
    }
    return low;
}

saggar_option_u32 find(saggar_list_s64 sorted, int64_t wanted) {
    size_t low = lower_bound(sorted, wanted);
    if (low == sorted.len || sorted.data[low] != wanted) return (saggar_option_u32){false, 0};
    return (saggar_option_u32){true, (uint32_t)low};
}

saggar_option_tuple_u32_u32 range_of(saggar_list_s64 sorted, int64_t wanted) {
    saggar_option_tuple_u32_u32 range = {0};
    size_t low = lower_bound(sorted, wanted), high = low;
    while (high < sorted.len && sorted.data[high] == wanted) high++;
    range.some = high > low;
    range.value = (saggar_tuple_u32_u32){(uint32_t)low, (uint32_t)high};
    return range;
}
