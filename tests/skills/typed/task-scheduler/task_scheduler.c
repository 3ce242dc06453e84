#include "saggar.h"
#include <stdlib.h>
#include <string.h>

static int pressing(const saggar_task *a, const saggar_task *b) {
    if (a->level != b->level) return (int)a->level - (int)b->level;
    return (int)b->minutes - (int)a->minutes;
}

static int compare(const void *a, const void *b) {
    return -pressing(*(const saggar_task *const *)a, *(const saggar_task *const *)b);
}

saggar_list_string schedule(saggar_list_task tasks) {
    const saggar_task **order = malloc((tasks.len + 1) * sizeof *order);
    for (size_t i = 0; i < tasks.len; i++) order[i] = &tasks.data[i];
    qsort(order, tasks.len, sizeof *order, compare);
    saggar_list_string titles = {malloc((tasks.len + 1) * sizeof(saggar_string)), tasks.len};
    for (size_t i = 0; i < tasks.len; i++) {
        size_t len = order[i]->title.len;
        titles.data[i].data = malloc(len + 1);
        memcpy(titles.data[i].data, order[i]->title.data, len);
        titles.data[i].len = len;
    }
    free(order);
    return titles;
}

saggar_list_tuple_priority_u32 count_levels(saggar_list_priority levels) {
    saggar_list_tuple_priority_u32 counts = {calloc(4, sizeof *counts.data), 4};
    for (int i = 0; i < 4; i++) counts.data[i].f0 = (saggar_priority)i;
    for (size_t i = 0; i < levels.len; i++) counts.data[levels.data[i]].f1++;
    return counts;
}

saggar_option_priority highest(saggar_list_priority levels) {
    saggar_option_priority best = {false, SAGGAR_PRIORITY_LOW};
    for (size_t i = 0; i < levels.len; i++) {
        best.some = true;
        if (levels.data[i] > best.value) best.value = levels.data[i];
    }
    return best;
}

saggar_priority promote(saggar_priority level) {
    return level == SAGGAR_PRIORITY_VERY_URGENT ? level : level + 1;
}

saggar_option_task most_pressing(saggar_list_task tasks, uint16_t within) {
    saggar_option_task found = {0};
    const saggar_task *best = NULL;
    for (size_t i = 0; i < tasks.len; i++) {
        const saggar_task *task = &tasks.data[i];
        if (task->minutes <= within && (!best || pressing(task, best) > 0)) best = task;
    }
    if (best) {
        found.some = true;
        found.value = *best;
        found.value.title.data = malloc(best->title.len + 1);
        memcpy(found.value.title.data, best->title.data, best->title.len);
    }
    return found;
}
