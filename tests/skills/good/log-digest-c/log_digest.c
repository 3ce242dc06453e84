#include "saggar.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *p;
    size_t n;
} word;

typedef struct {
    word f[6];
    size_t fields;
} row;

typedef struct {
    word name;
    size_t n;
} tally;

typedef struct {
    word package, state;
    size_t at;
} state_at;

static void *must(void *p) {
    if (!p) abort();
    return p;
}

static int is(word w, const char *text) {
    return w.n == strlen(text) && memcmp(w.p, text, w.n) == 0;
}

static int word_order(word a, word b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c) return c;
    return (a.n > b.n) - (a.n < b.n);
}

static int by_word(const void *a, const void *b) {
    return word_order(*(const word *)a, *(const word *)b);
}

static int by_count(const void *a, const void *b) {
    const tally *x = a, *y = b;
    if (x->n != y->n) return x->n < y->n ? 1 : -1;
    return word_order(x->name, y->name);
}

static int by_package_then_place(const void *a, const void *b) {
    const state_at *x = a, *y = b;
    int c = word_order(x->package, y->package);
    if (c) return c;
    return (x->at > y->at) - (x->at < y->at);
}

/* Most frequent first; names break ties. Sorts `words` and returns the number of tallies. */
static size_t rank(word *words, size_t n, tally *out) {
    size_t made = 0;
    qsort(words, n, sizeof *words, by_word);
    for (size_t i = 0; i < n; i++) {
        if (made && word_order(out[made - 1].name, words[i]) == 0)
            out[made - 1].n++;
        else
            out[made++] = (tally){words[i], 1};
    }
    qsort(out, made, sizeof *out, by_count);
    return made;
}

static void push(saggar_list_string *list, size_t *room, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) abort();
    if (list->len == *room) {
        *room = *room ? *room * 2 : 16;
        list->data = must(realloc(list->data, *room * sizeof *list->data));
    }
    saggar_string *s = &list->data[list->len++];
    s->data = must(malloc((size_t)n + 1));
    s->len = (size_t)n;
    vsnprintf(s->data, (size_t)n + 1, format, again);
    va_end(again);
}

#define W(w) (int)(w).n, (w).p

saggar_list_string digest(saggar_string log) {
    saggar_list_string found = {NULL, 0};
    size_t room = 0, rows = 0, lines = 1;
    for (size_t i = 0; i < log.len; i++) lines += log.data[i] == '\n';
    row *r = must(calloc(lines, sizeof *r));

    for (size_t start = 0; start <= log.len;) {
        size_t end = start;
        while (end < log.len && log.data[end] != '\n') end++;
        row now = {0};
        for (size_t from = start, i = start; i <= end; i++) {
            if (i < end && log.data[i] != ' ') continue;
            if (now.fields < 6) now.f[now.fields] = (word){log.data + from, i - from};
            now.fields++;
            from = i + 1;
        }
        if (now.fields >= 5) r[rows++] = now;
        start = end + 1;
    }
    if (rows == 0) {
        free(r);
        return found;
    }

    word *words = must(malloc(rows * sizeof *words));
    tally *tallies = must(malloc(rows * sizeof *tallies));
    state_at *states = must(malloc(rows * sizeof *states));
    size_t n, state_count = 0;

    push(&found, &room, "%zu entries from %.*s to %.*s", rows, W(r[0].f[0]),
         W(r[rows - 1].f[0]));

    for (size_t i = 0; i < rows; i++) words[i] = r[i].f[2];
    n = rank(words, rows, tallies);
    for (size_t i = 0; i < n; i++)
        push(&found, &room, "action %.*s: %zu", W(tallies[i].name), tallies[i].n);

    for (size_t i = 0; i < rows; i++) words[i] = r[i].f[0];
    rank(words, rows, tallies);
    push(&found, &room, "busiest day: %.*s with %zu entries", W(tallies[0].name), tallies[0].n);

    size_t worked = 0;
    for (size_t i = 0; i < rows; i++)
        if (!is(r[i].f[2], "startup")) words[worked++] = r[i].f[is(r[i].f[2], "status") ? 4 : 3];
    n = rank(words, worked, tallies);
    for (size_t i = 0; i < n && i < 5; i++)
        push(&found, &room, "most worked on: %.*s with %zu entries", W(tallies[i].name),
             tallies[i].n);

    for (size_t i = 0; i < rows; i++) {
        if (is(r[i].f[2], "upgrade") && r[i].fields >= 6)
            push(&found, &room, "upgraded %.*s: %.*s to %.*s", W(r[i].f[3]), W(r[i].f[4]),
                 W(r[i].f[5]));
        if (is(r[i].f[2], "status"))
            states[state_count++] = (state_at){r[i].f[4], r[i].f[3], i};
    }

    qsort(states, state_count, sizeof *states, by_package_then_place);
    for (size_t i = 0; i < state_count; i++) {
        int last = i + 1 == state_count ||
                   word_order(states[i].package, states[i + 1].package) != 0;
        if (last && !is(states[i].state, "installed"))
            push(&found, &room, "left %.*s: %.*s", W(states[i].state), W(states[i].package));
    }

    free(states);
    free(tallies);
    free(words);
    free(r);
    return found;
}
