#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define int32_t oops
#define __saggar_at(x, y) oops
#define inline
#define for_each(x) for (x)

typedef struct { int *data; int len; } ints;
typedef struct { long long *data; size_t len; } longs;
typedef struct { const double *data; unsigned len; } doubles;
typedef struct { char **data; size_t len; } words;
typedef struct { const char **data; size_t len; } labels;

size_t length(const char *s, size_t n) { (void)s; return n; }
int length_int(const char *s, int n) { (void)s; return n; }
int plain(const char *s) { return (int)strlen(s); }
int plain_bare(char *s, char *t) { return strcmp(s, t); }
long long plain_mixed(const char *s, long long n, const int *xs, int m)
{
    for (int i = 0; i < m; i++) n += xs[i];
    return n + (long long)strlen(s);
}
void plain_silent(const char *s) { (void)s; }
char *plain_copy(const char *s)
{
    char *out = malloc(strlen(s) + 1);
    return strcpy(out, s);
}
const char *plain_tail(const char *s) { return s + 1; }
char *plain_inside(char *s) { return strchr(s, 'b'); }
double sum(const double *xs, int n)
{
    double total = 0;
    for (int i = 0; i < n; i++) total += xs[i];
    return total;
}
double sum_size(double *xs, size_t n) { return sum(xs, (int)n); }
long long sum_wide(const long long *xs, int n)
{
    long long total = 0;
    for (int i = 0; i < n; i++) total += xs[i];
    return total;
}
int64_t sum_fixed(int64_t *restrict xs, unsigned n)
{
    int64_t total = 0;
    for (unsigned i = 0; i < n; i++) total += xs[i];
    return total;
}
uint64_t sum_unsigned(unsigned long long xs[], long long n) { return n ? xs[0] : 0; }
size_t sum_size_t(const size_t *xs, size_t n) { return n ? xs[n - 1] : 0; }
int longest(const char **xs, int n)
{
    int best = 0;
    for (int i = 0; i < n; i++)
        if ((int)strlen(xs[i]) > best) best = (int)strlen(xs[i]);
    return best;
}
int longest_bare(char **xs, size_t n) { return longest((const char **)xs, (int)n); }
int longest_const(const char *const *xs, size_t n, const char *s, int m)
{
    (void)s;
    return longest((const char **)xs, (int)n) + m;
}
int longest_plain(char *xs[], int n, const char *s) { return longest_bare(xs, (size_t)n) + (int)strlen(s); }
ints twice(const int *xs, int n)
{
    ints out = {malloc(sizeof(int) * (size_t)n), n};
    for (int i = 0; i < n; i++) out.data[i] = 2 * xs[i];
    return out;
}
longs widen(const long long *xs, size_t n)
{
    longs out = {malloc(sizeof *xs * (n + 1)), n};
    memcpy(out.data, xs, sizeof *xs * n);
    return out;
}
doubles constants(void)
{
    static const double some[] = {1.5, 2.5};
    return (doubles){some, 2};
}
words parts(const char *s, int n)
{
    words out = {malloc(2 * sizeof(char *)), 2};
    out.data[0] = malloc(8);
    sprintf(out.data[0], "%d", n);
    out.data[1] = *s ? plain_copy(s) : NULL;
    return out;
}
labels names(void)
{
    static const char *const all[] = {"a", "", "c"};
    labels out = {malloc(sizeof all), 3};
    memcpy(out.data, all, sizeof all);
    return out;
}
int remove(const char *s) { return (int)s[0]; }
int index_of(const char *s, int n, unsigned char c)
{
    for (int i = 0; i < n; i++)
        if (s[i] == (char)c) return i;
    return -1;
}
static int hidden(int x) { return x + 1; }
uint64_t mixed(bool a, int8_t b, double c, short e) { return a + (uint64_t)(b + c + e); }
