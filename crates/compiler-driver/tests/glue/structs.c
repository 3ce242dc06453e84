#include "saggar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t length(saggar_string s) { return s.len; }
char *doubled(saggar_string s)
{
    char *out = malloc(2 * s.len + 1);
    memcpy(out, s.data, s.len);
    memcpy(out + s.len, s.data, s.len + 1);
    return out;
}
const char *literal(bool yes) { return yes ? "yes" : NULL; }
saggar_string same(saggar_string s) { return s; }
saggar_string made(saggar_string s)
{
    saggar_string out = {malloc(s.len), s.len};
    memcpy(out.data, s.data, s.len);
    return out;
}
saggar_string fixed(void) { return (saggar_string){"fixed", 5}; }
char *bare_literal(void) { return "bare"; }
saggar_string broken(void)
{
    saggar_string out = {NULL, 3};
    return out;
}
bool flip(bool x) { return !x; }
int8_t s8(int8_t x) { return x; }
uint8_t u8(uint8_t x) { return x; }
int16_t s16(short x) { return x; }
uint16_t u16(uint16_t x) { return x; }
int s32(int x) { return x; }
uint32_t u32(unsigned x) { return x; }
long long s64(long long x) { return x; }
size_t u64(uint64_t x) { return x; }
float f32(float x) { return x * 2; }
double f64(double x) { return x; }
void silent(int x) { (void)x; }
double sum(saggar_list_f64 xs)
{
    double total = 0;
    for (size_t i = 0; i < xs.len; i++) total += xs.data[i];
    return total;
}
saggar_list_s64 reversed(saggar_list_s64 xs)
{
    saggar_list_s64 out = {malloc(xs.len * sizeof(int64_t)), xs.len};
    for (size_t i = 0; i < xs.len; i++) out.data[i] = xs.data[xs.len - 1 - i];
    return out;
}
saggar_list_bool inverted(saggar_list_bool xs)
{
    saggar_list_bool out = {calloc(xs.len + 1, sizeof(bool)), xs.len};
    for (size_t i = 0; i < xs.len; i++) out.data[i] = !xs.data[i];
    return out;
}
saggar_list_u8 echo(saggar_list_u8 xs) { return xs; }
saggar_list_s32 none(void) { return (saggar_list_s32){NULL, 0}; }
saggar_list_string echo_strings(saggar_list_string xs) { return xs; }
saggar_list_string split(saggar_string s, saggar_string by)
{
    saggar_list_string out = {NULL, 0};
    size_t from = 0;
    for (size_t i = 0; i <= s.len; i++) {
        if (i < s.len && s.data[i] != by.data[0]) continue;
        out.data = realloc(out.data, (out.len + 1) * sizeof *out.data);
        saggar_string *part = &out.data[out.len++];
        part->len = i - from;
        part->data = malloc(part->len + 1);
        memcpy(part->data, s.data + from, part->len);
        from = i + 1;
    }
    return out;
}
size_t all_of(saggar_list_string xs, uint64_t each)
{
    size_t n = 0;
    for (size_t i = 0; i < xs.len; i++) n += strlen(xs.data[i].data) * each;
    return n;
}
