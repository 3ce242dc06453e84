/* Every composite type as saggar.h has it. An echo gives back what it was given. */
#define _GNU_SOURCE
#include "saggar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define f0 oops_f0
#undef f0
#define __saggar_alloc oops

static saggar_string copy(const char *text, size_t len)
{
    saggar_string out = {malloc(len + 1), len};
    memcpy(out.data, text, len);
    return out;
}

saggar_char next_char(saggar_char c) { return c + 1; }
saggar_list_char chars(saggar_list_char cs) { return cs; }
saggar_list_list_s32 rows(saggar_list_list_s32 rows) { return rows; }
saggar_list_list_list_string deep(saggar_list_list_list_string x) { return x; }
saggar_list_list_s32 triangle(uint32_t n)
{
    saggar_list_list_s32 out = {malloc((n + 1) * sizeof(saggar_list_s32)), n};
    for (uint32_t i = 0; i < n; i++) {
        out.data[i].len = i;
        out.data[i].data = i ? malloc(i * sizeof(int32_t)) : NULL;
        for (uint32_t j = 0; j < i; j++) out.data[i].data[j] = (int32_t)(i * 10 + j);
    }
    return out;
}
saggar_option_u32 find(saggar_list_string words, saggar_string word)
{
    for (size_t i = 0; i < words.len; i++)
        if (words.data[i].len == word.len && !memcmp(words.data[i].data, word.data, word.len))
            return (saggar_option_u32){true, (uint32_t)i};
    return (saggar_option_u32){false, 77};
}
saggar_option_string maybe_text(saggar_option_string x) { return x; }
saggar_option_option_u8 twice(saggar_option_option_u8 x) { return x; }
saggar_tuple_u8_u64_bool_string padded(saggar_tuple_u8_u64_bool_string x) { return x; }
saggar_tuple_u8_u64_bool_string made(void)
{
    saggar_tuple_u8_u64_bool_string out;
    memset(&out, 0xff, sizeof out);
    out.f0 = 1;
    out.f1 = UINT64_MAX;
    out.f2 = true;
    out.f3 = copy("a\0b", 3);
    return out;
}
saggar_result_f64_string divide(double a, double b)
{
    saggar_result_f64_string out = {0};
    if (b == 0) {
        out.is_err = true;
        out.err = (saggar_string){"division by zero", 16};
    } else {
        out.ok = a / b;
    }
    return out;
}
saggar_result_none_none check(bool good) { return (saggar_result_none_none){!good}; }
saggar_result_none_string only_err(saggar_result_none_string x) { return x; }
saggar_result_u8_none only_ok(saggar_result_u8_none x) { return x; }
saggar_result_list_string_color either(saggar_result_list_string_color x) { return x; }
saggar_color opposite(saggar_color c)
{
    return c == SAGGAR_COLOR_RED ? SAGGAR_COLOR_SEA_GREEN : SAGGAR_COLOR_RED;
}
saggar_color bad_color(void) { return (saggar_color)9; }
saggar_list_color colors(saggar_list_color x) { return x; }
saggar_wide echo_wide(saggar_wide x) { return x; }
saggar_list_wide wides(saggar_list_wide x) { return x; }
saggar_point moved(saggar_point p, double by) { return (saggar_point){p.x + by, p.y + by}; }
saggar_list_point points(saggar_list_point x) { return x; }
saggar_person birthday(saggar_person p)
{
    p.age += 1;
    return p;
}
saggar_person fresh(saggar_string name)
{
    saggar_person p = {0};
    p.full_name = copy(name.data, name.len);
    p.int_ = -1;
    p.nick.some = true;
    p.nick.value = (saggar_string){"literal", 7};
    p.tags.data = malloc(2 * sizeof(saggar_string));
    p.tags.len = 2;
    p.tags.data[0] = copy("a", 1);
    p.tags.data[1] = (saggar_string){NULL, 0};
    p.home.x = -0.0;
    return p;
}
saggar_tuple_list_s32_u8 first_of(saggar_tuple_list_s32_u8 x, saggar_list_tuple_s32_u8 y)
{
    if (y.len) x.f1 = y.data[0].f1;
    return x;
}
saggar_list_string broken(void)
{
    saggar_list_string out = {malloc(2 * sizeof(saggar_string)), 2};
    out.data[0] = copy("x", 1);
    out.data[1] = (saggar_string){NULL, 3};
    return out;
}
saggar_list_point negative(void) { return (saggar_list_point){NULL, (size_t)-1}; }
saggar_list_f64 floats(saggar_tuple_f32_f64 x)
{
    saggar_list_f64 out = {malloc(2 * sizeof(double)), 2};
    out.data[0] = x.f0;
    out.data[1] = x.f1;
    return out;
}
void silent(saggar_list_point x) { (void)x; }
size_t count_all(saggar_list_list_string x)
{
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++)
        for (size_t j = 0; j < x.data[i].len; j++) n += strlen(x.data[i].data[j].data);
    return n;
}
