#include "saggar.h"
#include <stdlib.h>

typedef saggar_list_tuple_u32_u32 edge_list;

static bool blocked(uint32_t at, edge_list edges, const int *level) {
    for (size_t i = 0; i < edges.len; i++)
        if (edges.data[i].f1 == at && level[edges.data[i].f0] < 0) return true;
    return false;
}

/* The level of each node, -1 for those never reached. */
static int *find_levels(uint32_t count, edge_list edges, size_t *depth) {
    int *level = malloc((count + 1) * sizeof(int));
    bool *now = malloc(count + 1);
    for (uint32_t i = 0; i < count; i++) level[i] = -1;
    for (*depth = 0;; ++*depth) {
        size_t found = 0;
        for (uint32_t i = 0; i < count; i++) {
            now[i] = level[i] < 0 && !blocked(i, edges, level);
            found += now[i];
        }
        if (found == 0) break;
        for (uint32_t i = 0; i < count; i++)
            if (now[i]) level[i] = (int)*depth;
    }
    free(now);
    return level;
}

static saggar_list_u32 of_level(const int *level, uint32_t count, int wanted) {
    saggar_list_u32 list = {malloc((count + 1) * sizeof(uint32_t)), 0};
    for (uint32_t i = 0; i < count; i++)
        if (level[i] == wanted) list.data[list.len++] = i;
    return list;
}

saggar_list_list_u32 levels(uint32_t count, saggar_list_tuple_u32_u32 edges) {
    size_t depth;
    int *level = find_levels(count, edges, &depth);
    saggar_list_list_u32 out = {malloc((depth + 1) * sizeof(saggar_list_u32)), depth};
    for (size_t d = 0; d < depth; d++) out.data[d] = of_level(level, count, (int)d);
    free(level);
    return out;
}

saggar_result_list_u32_list_u32 order(uint32_t count, saggar_list_tuple_u32_u32 edges) {
    size_t depth;
    int *level = find_levels(count, edges, &depth);
    saggar_list_u32 stuck = of_level(level, count, -1);
    saggar_result_list_u32_list_u32 result = {.is_err = stuck.len > 0};
    if (result.is_err) {
        result.err = stuck;
    } else {
        uint32_t *all = stuck.data;
        size_t n = 0;
        for (size_t d = 0; d < depth; d++)
            for (uint32_t i = 0; i < count; i++)
                if (level[i] == (int)d) all[n++] = i;
        result.ok = (saggar_list_u32){all, n};
    }
    free(level);
    return result;
}

bool has_cycle(uint32_t count, saggar_list_tuple_u32_u32 edges) {
    size_t depth;
    int *level = find_levels(count, edges, &depth);
    bool cycle = false;
    for (uint32_t i = 0; i < count; i++) cycle |= level[i] < 0;
    free(level);
    return cycle;
}
