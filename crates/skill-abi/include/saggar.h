/* saggar.h: how the values of an interface look to a skill written in C.
 *
 * Include this header and every parameter that is no number or truth value arrives as one of the
 * types below, by value. At the end stand the types of this interface's own.
 *
 *     #include "saggar.h"
 *
 *     // sum: func(xs: list<f64>) -> f64;
 *     double sum(saggar_list_f64 xs);
 *
 *     // words: func(text: string) -> list<string>;
 *     saggar_list_string words(saggar_string text);
 *
 *     // record point { x: f64, y: f64 }
 *     // nearest: func(to: point, among: list<point>) -> option<point>;
 *     saggar_option_point nearest(saggar_point to, saggar_list_point among);
 *
 * TYPES, each named after what it is made of:
 *     bool, s8 to s64, u8 to u64, f32, f64    bool, int8_t to int64_t, uint8_t to uint64_t, float,
 *                         double, or any type of C that is the same on this machine
 *     char                saggar_char, a uint32_t
 *     string              saggar_string {data, len}
 *     list<T>             saggar_list_T {data, len}: saggar_list_list_s32
 *     option<T>           saggar_option_T {some, value}; value counts if some
 *     tuple<T, U>         saggar_tuple_T_U {f0, f1}
 *     result<T, E>        saggar_result_T_E {is_err, ok, err}: err counts if is_err, else ok. Both
 *                         share their memory; a payload `_` is called none and has no member
 *     record some-name    saggar_some_name, its members in snake_case; one that is a keyword or
 *                         a macro of C's has an underscore behind (default_)
 *     enum some-name      saggar_some_name, its enumerators SAGGAR_SOME_NAME_SOME_CASE
 * A name that would be longer than 63 bytes, or that another type has, ends in a digest.
 *
 * PARAMETERS belong to Saggar. They live until your function returns; do not free them, do not
 * keep pointers to them, and treat what they point to as read-only. `len` counts bytes (string)
 * or elements (list). The bytes of a string are UTF-8, and one NUL follows them that `len` does
 * not count; a string may itself contain NULs, so trust `len`. `data` is never NULL in a string;
 * in a list of length 0 it may point anywhere.
 *
 * RESULTS belong to you until you return them, then to Saggar, which copies and frees them:
 *   - `data` in a string or list comes from malloc, calloc or realloc, each from a call of its
 *     own; it may be NULL when `len` is 0. No NUL is needed.
 *   - a literal, a static array or a parameter may stand where memory from malloc does, whole or
 *     in part: it is recognised and not freed. So {"not found", 9} is a good string.
 *   - a member that you declare yourself as `const T *` is copied and not freed.
 *   - a string may also be a `char *` that ends in NUL (from malloc, or as above) or a
 *     `const char *` (not freed). NULL is an error.
 *
 * WITHOUT THIS HEADER, or beside it, types of your own do as well:
 *     string              const char *text, size_t n   or const char *text alone
 *     list<f64>           const double *xs, size_t n
 *     list<string>        const char **words, size_t n (each ends in NUL)
 *     list<list<s32>>     int **rows, size_t n, size_t *lengths
 *     list<record>        const struct point *points, size_t n
 *     record              struct point p, or const struct point *p: your struct with members of
 *                         the same names, in snake_case or camelCase, and types. A string in it
 *                         is a char * or an array of char; a list a pointer, and behind it the
 *                         length
 *     tuple               your struct with members of the same types in the same order
 *     enum                your enum. Enumerators are found by name (RED, COLOR_RED, ColorRed,
 *                         kRed); if none is named so, by place. Or int, the number of the case
 *     option<T>           const T *x, NULL for none
 *     char                uint32_t, wchar_t, or char for ASCII alone
 * and as results, from malloc where there is a pointer (or a literal, static or parameter):
 *     list<f64>           double *f(..., size_t *length)
 *     list<list<s32>>     int **f(..., int *length, int **lengths)
 *     list<f64>           a struct of your own with members `data` and `len`
 *     record              struct point f(...), struct point *f(...), void f(..., struct point *out)
 *     option<T>           T *f(...), NULL for none, or bool f(..., T *value)
 * A result<T, E> is a type of this header. A length may be int, size_t or another integer type of
 * at least 32 bits.
 */
#ifndef SAGGAR_H
#define SAGGAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A Unicode scalar value. */
typedef uint32_t saggar_char;

/* UTF-8 text. */
typedef struct saggar_string {
    char *data;
    size_t len;
} saggar_string;

typedef struct saggar_list_bool {
    bool *data;
    size_t len;
} saggar_list_bool;

typedef struct saggar_list_s8 {
    int8_t *data;
    size_t len;
} saggar_list_s8;

typedef struct saggar_list_s16 {
    int16_t *data;
    size_t len;
} saggar_list_s16;

typedef struct saggar_list_s32 {
    int32_t *data;
    size_t len;
} saggar_list_s32;

typedef struct saggar_list_s64 {
    int64_t *data;
    size_t len;
} saggar_list_s64;

typedef struct saggar_list_u8 {
    uint8_t *data;
    size_t len;
} saggar_list_u8;

typedef struct saggar_list_u16 {
    uint16_t *data;
    size_t len;
} saggar_list_u16;

typedef struct saggar_list_u32 {
    uint32_t *data;
    size_t len;
} saggar_list_u32;

typedef struct saggar_list_u64 {
    uint64_t *data;
    size_t len;
} saggar_list_u64;

typedef struct saggar_list_f32 {
    float *data;
    size_t len;
} saggar_list_f32;

typedef struct saggar_list_f64 {
    double *data;
    size_t len;
} saggar_list_f64;

/* A list of strings. */
typedef struct saggar_list_string {
    saggar_string *data;
    size_t len;
} saggar_list_string;

#endif
