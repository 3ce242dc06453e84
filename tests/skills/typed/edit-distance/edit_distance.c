#include <stdlib.h>
#include <string.h>

#include "saggar.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))

static uint32_t lev(const char *a, size_t la, const char *b, size_t lb) {
    uint32_t *prev = malloc((lb + 1) * sizeof(uint32_t));
    uint32_t *cur = malloc((lb + 1) * sizeof(uint32_t));
    for (size_t j = 0; j <= lb; j++) prev[j] = (uint32_t)j;
    for (size_t i = 1; i <= la; i++) {
        cur[0] = (uint32_t)i;
        for (size_t j = 1; j <= lb; j++) {
            uint32_t cost = a[i - 1] != b[j - 1];
            uint32_t best = MIN(prev[j] + 1, cur[j - 1] + 1);
            cur[j] = MIN(best, prev[j - 1] + cost);
        }
        uint32_t *swap = prev;
        prev = cur;
        cur = swap;
    }
    uint32_t result = prev[lb];
    free(prev);
    free(cur);
    return result;
}

uint32_t distance(saggar_string a, saggar_string b) { return lev(a.data, a.len, b.data, b.len); }

saggar_option_string closest(saggar_string word, saggar_list_string candidates) {
    saggar_option_string best = {0};
    uint32_t least = UINT32_MAX;
    size_t found = 0;
    for (size_t i = 0; i < candidates.len; i++) {
        uint32_t d = distance(word, candidates.data[i]);
        if (d < least) {
            least = d;
            found = i;
            best.some = true;
        }
    }
    if (best.some) {
        best.value.len = candidates.data[found].len;
        best.value.data = malloc(best.value.len + 1);
        memcpy(best.value.data, candidates.data[found].data, best.value.len + 1);
    }
    return best;
}

saggar_list_list_u8 all_distances(saggar_list_string words) {
    saggar_list_list_u8 rows = {malloc((words.len + 1) * sizeof(saggar_list_u8)), words.len};
    for (size_t i = 0; i < words.len; i++) {
        rows.data[i].len = words.len;
        rows.data[i].data = malloc(words.len);
        for (size_t j = 0; j < words.len; j++)
            rows.data[i].data[j] = (uint8_t)distance(words.data[i], words.data[j]);
    }
    return rows;
}

float similarity(saggar_string a, saggar_string b) {
    size_t longest = a.len > b.len ? a.len : b.len;
    return longest == 0 ? 1.0f : 1.0f - (float)distance(a, b) / (float)longest;
}
