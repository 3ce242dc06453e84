#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "saggar.h"

typedef saggar_list_tuple_string_u64 counts;

static int compare(const saggar_string *a, const char *text, size_t n) {
    size_t least = a->len < n ? a->len : n;
    int order = memcmp(a->data, text, least);
    return order ? order : (a->len > n) - (a->len < n);
}

/* Keeps the list sorted by word. */
static void bump(counts *list, const char *word, size_t n, uint64_t by) {
    size_t at = 0;
    while (at < list->len && compare(&list->data[at].f0, word, n) < 0) at++;
    if (at < list->len && compare(&list->data[at].f0, word, n) == 0) {
        list->data[at].f1 += by;
        return;
    }
    list->data = realloc(list->data, (list->len + 1) * sizeof *list->data);
    memmove(list->data + at + 1, list->data + at, (list->len - at) * sizeof *list->data);
    list->len++;
    char *text = malloc(n + 1);
    memcpy(text, word, n);
    list->data[at].f0 = (saggar_string){text, n};
    list->data[at].f1 = by;
}

counts histogram(saggar_string text) {
    counts out = {NULL, 0};
    char *word = malloc(text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i <= text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (i < text.len && isalpha(c)) {
            word[n++] = (char)tolower(c);
        } else if (n > 0) {
            bump(&out, word, n, 1);
            n = 0;
        }
    }
    free(word);
    return out;
}

counts add_counts(counts a, counts b) {
    counts out = {NULL, 0};
    for (size_t i = 0; i < a.len; i++) bump(&out, a.data[i].f0.data, a.data[i].f0.len, a.data[i].f1);
    for (size_t i = 0; i < b.len; i++) bump(&out, b.data[i].f0.data, b.data[i].f0.len, b.data[i].f1);
    return out;
}

saggar_option_u64 lookup(saggar_list_tuple_string_u64 counts, saggar_string word) {
    saggar_option_u64 found = {0};
    for (size_t i = 0; i < counts.len && !found.some; i++) {
        if (compare(&counts.data[i].f0, word.data, word.len) == 0) {
            found.some = true;
            found.value = counts.data[i].f1;
        }
    }
    return found;
}

/* The results point into the parameter: nothing is copied but the list itself. */
saggar_list_string longest_words(saggar_list_string words) {
    size_t most = 0;
    for (size_t i = 0; i < words.len; i++)
        if (words.data[i].len > most) most = words.data[i].len;
    saggar_list_string out = {malloc((words.len + 1) * sizeof(saggar_string)), 0};
    for (size_t i = 0; i < words.len; i++)
        if (words.data[i].len == most) out.data[out.len++] = words.data[i];
    return out;
}
