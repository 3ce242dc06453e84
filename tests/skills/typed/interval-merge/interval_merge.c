#include "saggar.h"
#include <stdlib.h>
#include <string.h>

static int by_start(const void *a, const void *b) {
    const saggar_tuple_s32_s32 *x = a, *y = b;
    return (x->f0 > y->f0) - (x->f0 < y->f0);
}

saggar_list_tuple_s32_s32 merge(saggar_list_tuple_s32_s32 intervals) {
    if (intervals.len == 0) return (saggar_list_tuple_s32_s32){NULL, 0};
    size_t bytes = intervals.len * sizeof(saggar_tuple_s32_s32);
    saggar_tuple_s32_s32 *sorted = malloc(bytes), *out = malloc(bytes);
    memcpy(sorted, intervals.data, bytes);
    qsort(sorted, intervals.len, sizeof *sorted, by_start);
    size_t n = 0;
    for (size_t i = 0; i < intervals.len; i++) {
        if (n > 0 && sorted[i].f0 <= out[n - 1].f1) {
            if (sorted[i].f1 > out[n - 1].f1) out[n - 1].f1 = sorted[i].f1;
        } else {
            out[n++] = sorted[i];
        }
    }
    free(sorted);
    return (saggar_list_tuple_s32_s32){out, n};
}

int64_t covered(saggar_list_tuple_s32_s32 intervals) {
    saggar_list_tuple_s32_s32 merged = merge(intervals);
    int64_t total = 0;
    for (size_t i = 0; i < merged.len; i++)
        total += (int64_t)merged.data[i].f1 - merged.data[i].f0;
    free(merged.data);
    return total;
}

saggar_list_tuple_s32_s32 insert(saggar_list_tuple_s32_s32 intervals,
                                 saggar_tuple_s32_s32 new_interval) {
    saggar_list_tuple_s32_s32 all;
    all.len = intervals.len + 1;
    all.data = malloc(all.len * sizeof *all.data);
    memcpy(all.data, intervals.data, intervals.len * sizeof *all.data);
    all.data[intervals.len] = new_interval;
    saggar_list_tuple_s32_s32 merged = merge(all);
    free(all.data);
    return merged;
}

saggar_option_tuple_s32_s32 widest(saggar_list_tuple_s32_s32 intervals) {
    saggar_option_tuple_s32_s32 best = {0};
    int64_t most = -1;
    for (size_t i = 0; i < intervals.len; i++) {
        int64_t width = (int64_t)intervals.data[i].f1 - intervals.data[i].f0;
        if (width > most) {
            most = width;
            best.some = true;
            best.value = intervals.data[i];
        }
    }
    return best;
}
