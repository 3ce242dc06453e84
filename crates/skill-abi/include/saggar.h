/* saggar.h: how strings and lists look to a skill written in C.
 *
 * Include this header and every parameter of type `string` or `list<T>` arrives as one of the
 * structs below, by value:
 *
 *     #include "saggar.h"
 *
 *     // sum: func(xs: list<f64>) -> f64;
 *     double sum(saggar_list_f64 xs);
 *
 *     // words: func(text: string) -> list<string>;
 *     saggar_list_string words(saggar_string text);
 *
 * Without it, a string or list is two parameters, a pointer and a length (see below).
 *
 * PARAMETERS belong to Saggar. They live until your function returns; do not free them, do not
 * keep pointers to them, and treat what they point to as read-only. `len` counts bytes (string)
 * or elements (list). The bytes of a string are UTF-8, and one NUL follows them that `len` does
 * not count; a string may itself contain NULs, so trust `len`. `data` is never NULL in a string;
 * in a list of length 0 it may point anywhere.
 *
 * RESULTS belong to you until you return them, then to Saggar, which copies and frees them:
 *   - a struct with the members `data` and `len` (one of these or one of your own):
 *     `data` must come from malloc, calloc or realloc; it may be NULL when `len` is 0. In a
 *     `saggar_list_string` each element's `data` must come from malloc as well. No NUL is needed.
 *     A member declared `const T *data` is copied and not freed.
 *   - a string may also be a `char *` that ends in NUL and comes from malloc (freed), or a
 *     `const char *` that ends in NUL (not freed: a literal or a static buffer). NULL is an error.
 *   - a pointer into a parameter may be returned: it is recognised and not freed.
 *
 * SCALARS are the fixed-width types: bool, int8_t to int64_t, uint8_t to uint64_t, float, double,
 * or any type of C that is the same on this machine.
 *
 * WITHOUT THIS HEADER the same parameters are a pointer and a length, in this order; the length
 * may be int, size_t or another integer type of at least 32 bits:
 *
 *     double sum(const double *xs, size_t n);              // list<f64>
 *     int count(const char *text, int length);             // string, NUL after it
 *     int longest(const char **words, int n);              // list<string>, each ends in NUL
 *
 * A function whose strings are all plain `const char *` without a length is understood too, if
 * its result is a scalar, a `char *` or nothing.
 */
#ifndef SAGGAR_H
#define SAGGAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
