/* The C glue: the structures of a call, what writes the result block, and the checks that tell in
 * which form a function returned. The layout is that of saggar-skill-abi's `layout`, the structures
 * that of its `frame`. It stands after the source in one translation unit, includes nothing, and
 * every name here is reserved. What needs nothing of the source is only declared: `runtime.c`
 * defines it in an object of its own, which is compiled once and not with every skill. What takes or
 * gives back memory of the skill's stays here, where a source's own malloc and free are meant. */

#pragma GCC diagnostic error "-Wimplicit-function-declaration"
#pragma GCC diagnostic error "-Wconversion"
#pragma GCC diagnostic error "-Wsign-conversion"
#pragma GCC diagnostic error "-Wfloat-conversion"
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
#pragma GCC diagnostic error "-Wint-conversion"
#pragma GCC diagnostic error "-Wpointer-sign"
#pragma GCC diagnostic ignored "-Wnonnull"
#pragma GCC diagnostic ignored "-Wfree-nonheap-object"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wpedantic"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wincompatible-pointer-types-discards-qualifiers"
#pragma GCC diagnostic ignored "-Wnull-dereference"
#pragma GCC diagnostic ignored "-Wunused-function"
#else
#pragma GCC diagnostic ignored "-Wdiscarded-qualifiers"
#ifndef __saggar_is_runtime
/* Entries are short and run once in a call: what they would gain costs every compilation more. */
#pragma GCC optimize("Og")
#endif
#endif

typedef unsigned char __saggar_byte;
typedef __SIZE_TYPE__ __saggar_size;
typedef __UINT64_TYPE__ __saggar_word;

struct __saggar_frame {
    const __saggar_byte *__args;
    __saggar_word __args_len;
    __saggar_byte *__result;
    __saggar_word __result_cap;
    __saggar_word __result_len;
};

typedef unsigned (*__saggar_entry)(struct __saggar_frame *);

struct __saggar_table {
    unsigned __abi;
    unsigned __count;
    __saggar_byte __interface[32];
    const __saggar_entry *__entries;
};

enum {
    __saggar_ok,
    __saggar_exception,
    __saggar_result_too_large,
    __saggar_out_of_memory,
    /* A length that `__saggar_length` would cut. */
    __saggar_most = 0x7fffffff
};

/* ---- Parameters ---- */

struct __saggar_span {
    const __saggar_byte *__data;
    __saggar_size __count;
};

static __inline__ struct __saggar_span __saggar_at(const __saggar_byte *__block,
                                                   __saggar_size __offset)
{
    struct __saggar_span __span;
    __saggar_word __pair[2];
    __builtin_memcpy(__pair, __block + __offset, sizeof __pair);
    __span.__data = __block + __pair[0];
    __span.__count = __pair[1];
    return __span;
}

/* A length in a form that every integer type of 31 bits and more takes without a complaint. */
#define __saggar_length(__span) ((__span).__count & 0x7fffffff)

/* The same for every type of 64 bits. */
#define __saggar_long_length(__span) ((__span).__count & 0x7fffffffffffffff)

struct __saggar_text {
    const char *data;
    __saggar_size len;
};

/* ---- Results ---- */

/* The result block. What does not fit is not written, and `__status` says so. */
struct __saggar_sink {
    struct __saggar_frame *__frame;
    __saggar_size __len;
    unsigned __status;
};

/* A string or list as the function returned it; `__owned` if it is to be freed. */
struct __saggar_found {
    const void *__data;
    __saggar_size __count;
    int __owned;
};

/* ---- Calls with composite types ---- */

/* Memory for parameters, given back as a whole after the call. */
struct __saggar_chunk {
    struct __saggar_chunk *__next;
    __saggar_size __room;
    __saggar_size __used;
};

struct __saggar_call {
    struct __saggar_sink __sink;
    struct __saggar_chunk *__chunks;
    const char *__message;
};

#define __saggar_null "the function returned NULL"

/* ---- What `runtime.c` defines ---- */

#pragma GCC visibility push(hidden)
/* Fill an array that has room for the list's strings; a NULL stands behind the pointers. */
extern void __saggar_fill_texts(char **__to, const __saggar_byte *__block,
                                struct __saggar_span __list);
extern void __saggar_fill_strings(struct __saggar_text *__to, const __saggar_byte *__block,
                                  struct __saggar_span __list);
/* Leaves a message in place of the result. */
extern unsigned __saggar_say(struct __saggar_frame *__frame, const char *__text);
extern unsigned __saggar_close(struct __saggar_sink *__sink);
extern __saggar_size __saggar_strlen(const char *__text);
/* Writes it at `__place`. A NULL that is not empty is the function's failure. */
extern void __saggar_give(struct __saggar_sink *__sink, __saggar_size __place,
                          struct __saggar_found __found, __saggar_size __stride);
/* Room for a list of strings, each to be given in its own slot. */
extern __saggar_size __saggar_slots(struct __saggar_sink *__sink, struct __saggar_found __found);
/* Whether the function allocated it, which it did not what lies in its own arguments, nor a literal
 * or a static. An empty list may lie at the very end of the arguments. */
extern int __saggar_is_made(const struct __saggar_frame *__frame, const void *__data);
/* The same where parameters lie in chunks too. */
extern int __saggar_is_made_in(const struct __saggar_call *__call, const void *__data);
/* The first failure counts. */
extern void __saggar_fail(struct __saggar_call *__call, const char *__message);
/* Frees the chunks. */
extern unsigned __saggar_end(struct __saggar_call *__call);
extern void __saggar_clear(__saggar_byte *__data, __saggar_size __count);
/* Zeroed room for so many objects, NULL if memory is short. */
extern void *__saggar_alloc(struct __saggar_call *__call, __saggar_size __count,
                            __saggar_size __size, __saggar_size __align);
/* Copies a string into an array of so many bytes, a NUL behind it. */
extern void __saggar_text_into(struct __saggar_call *__call, struct __saggar_span __text,
                               char *__to, __saggar_size __room, const char *__message);
extern void __saggar_store(struct __saggar_call *__call, __saggar_size __at, const void *__value,
                           __saggar_size __size);
/* Says that an option has a value, or that a result is an error. */
extern void __saggar_tag(struct __saggar_call *__call, __saggar_size __at);
/* A character of 8 bits is ASCII. */
extern void __saggar_store_char(struct __saggar_call *__call, __saggar_size __at,
                                unsigned __value, __saggar_size __size);
/* The number of elements of a list: none where there is no list. A negative length, which no
 * memory holds as a positive one, is the function's failure. */
extern __saggar_size __saggar_count(struct __saggar_call *__call, const void *__data,
                                    __saggar_size __count);
/* Zeroed room for the elements of the list at a place. */
extern __saggar_size __saggar_room(struct __saggar_call *__call, __saggar_size __at,
                                   __saggar_size __count, __saggar_size __stride,
                                   __saggar_size __align);
/* A string or list of scalars. */
extern void __saggar_put_run(struct __saggar_call *__call, __saggar_size __at,
                             const void *__data, __saggar_size __count, __saggar_size __stride);
extern void __saggar_put_text(struct __saggar_call *__call, __saggar_size __at,
                              const char *__text);
extern void __saggar_store_array(struct __saggar_call *__call, __saggar_size __at,
                                 const char *__text, __saggar_size __room);
#pragma GCC visibility pop

/* ---- What is done with the skill's own memory ---- */

/* The strings of a list as pointers, NULL if memory is short; the caller frees the array. */
static __inline__ char **__saggar_texts(const __saggar_byte *__block, struct __saggar_span __list)
{
    char **__made = (char **)__builtin_malloc((__list.__count + 1) * sizeof *__made);
    if (__made) __saggar_fill_texts(__made, __block, __list);
    return __made;
}

#ifdef SAGGAR_H
/* The same as the structs of saggar.h. */
static __inline__ saggar_string *__saggar_strings(const __saggar_byte *__block,
                                                  struct __saggar_span __list)
{
    saggar_string *__made =
        (saggar_string *)__builtin_malloc((__list.__count + 1) * sizeof *__made);
    if (__made) __saggar_fill_strings((struct __saggar_text *)(void *)__made, __block, __list);
    return __made;
}
#endif

static __inline__ void __saggar_drop(struct __saggar_sink *__sink, struct __saggar_found __found)
{
    if (__found.__owned && __saggar_is_made(__sink->__frame, __found.__data))
        __builtin_free((void *)__found.__data);
}

static __inline__ void __saggar_release(struct __saggar_call *__call, const void *__data,
                                        int __owned)
{
    if (__owned && __saggar_is_made_in(__call, __data)) __builtin_free((void *)__data);
}

static __inline__ void __saggar_store_run(struct __saggar_call *__call, __saggar_size __at,
                                          const void *__data, __saggar_size __count,
                                          __saggar_size __stride, int __owned)
{
    __saggar_put_run(__call, __at, __data, __count, __stride);
    __saggar_release(__call, __data, __owned);
}

static __inline__ void __saggar_store_text(struct __saggar_call *__call, __saggar_size __at,
                                           const char *__text, int __owned)
{
    __saggar_put_text(__call, __at, __text);
    __saggar_release(__call, __text, __owned);
}

/* ---- What is known of a call at its beginning and end ---- */

static __inline__ struct __saggar_sink __saggar_open(struct __saggar_frame *__frame,
                                                     __saggar_size __head)
{
    struct __saggar_sink __sink;
    __sink.__frame = __frame;
    __sink.__len = __head;
    __sink.__status =
        __head <= __frame->__result_cap ? __saggar_ok : __saggar_result_too_large;
    __frame->__result_len = 0;
    return __sink;
}

static __inline__ struct __saggar_call __saggar_begin(struct __saggar_frame *__frame,
                                                      __saggar_size __head)
{
    struct __saggar_call __call;
    __call.__sink = __saggar_open(__frame, __head);
    __call.__chunks = 0;
    __call.__message = 0;
    return __call;
}

static __inline__ struct __saggar_span __saggar_span_at(const __saggar_byte *__block,
                                                        const __saggar_byte *__from)
{
    return __saggar_at(__block, (__saggar_size)(__from - __block));
}

static __inline__ struct __saggar_found __saggar_found_text(const char *__text, int __owned)
{
    struct __saggar_found __found;
    __found.__data = __text;
    __found.__count = __text ? __saggar_strlen(__text) : 1;
    __found.__owned = __owned;
    return __found;
}

static __inline__ struct __saggar_found __saggar_found_run(const void *__data,
                                                           __saggar_size __count, int __owned)
{
    struct __saggar_found __found;
    __found.__data = __data;
    __found.__count = __count;
    __found.__owned = __owned;
    return __found;
}

/* ---- Forms, told apart by type ---- */

struct __saggar_texts_of {
    const struct __saggar_text *data;
    __saggar_size len;
};

#define __saggar_is(__v, __type) __builtin_types_compatible_p(__typeof__(__v), __type)
#define __saggar_fits(__f, __type) __builtin_types_compatible_p(__typeof__(__f), __type)
#define __saggar_record(__v) (__builtin_classify_type(__v) == 12)
#define __saggar_chars(__v) (__saggar_is(__v, char *) || __saggar_is(__v, const char *))
#define __saggar_texty(__v) (__saggar_chars(__v) || __saggar_record(__v))

/* The struct itself, or a stand-in where it is none, so that its members can be named. */
#define __saggar_struct(__v, __other) \
    (*__builtin_choose_expr(__saggar_record(__v), &(__v), (const __other *)0))
#define __saggar_chars_of(__v) \
    (*__builtin_choose_expr(__saggar_chars(__v), &(__v), (const char **)0))
#define __saggar_constant(__p) __saggar_is(__p, const __typeof__(*(__p)) *)

/* Whether a function has these parameters, whatever it returns. */
#define __saggar_takes(__f, __args)                                                              \
    (__saggar_fits(__f, void __args) || __saggar_fits(__f, _Bool __args) ||                      \
     __saggar_fits(__f, char __args) || __saggar_fits(__f, signed char __args) ||                \
     __saggar_fits(__f, unsigned char __args) || __saggar_fits(__f, short __args) ||             \
     __saggar_fits(__f, unsigned short __args) || __saggar_fits(__f, int __args) ||              \
     __saggar_fits(__f, unsigned __args) || __saggar_fits(__f, long __args) ||                   \
     __saggar_fits(__f, unsigned long __args) || __saggar_fits(__f, long long __args) ||         \
     __saggar_fits(__f, unsigned long long __args) || __saggar_fits(__f, float __args) ||        \
     __saggar_fits(__f, double __args) || __saggar_fits(__f, char *__args) ||                    \
     __saggar_fits(__f, const char *__args))

/* In what form a value stands; the unchosen half is checked, never run. */
#define __saggar_find_run(__v) \
    __saggar_found_run((__v).data, (__saggar_size)(__v).len, !__saggar_constant((__v).data))
#define __saggar_find_text(__v)                                                      \
    __builtin_choose_expr(__saggar_record(__v),                                      \
                          __saggar_find_run(__saggar_struct(__v, struct __saggar_text)), \
                          __saggar_found_text(__saggar_chars_of(__v), __saggar_is(__v, char *)))

#define __saggar_is_bool(__v) __saggar_is(__v, _Bool)
#define __saggar_is_s8(__v) \
    (__saggar_is(__v, signed char) || (__saggar_is(__v, char) && (char)-1 < 0))
#define __saggar_is_u8(__v) \
    (__saggar_is(__v, unsigned char) || (__saggar_is(__v, char) && (char)-1 > 0))
#define __saggar_is_s16(__v) __saggar_is(__v, short)
#define __saggar_is_u16(__v) __saggar_is(__v, unsigned short)
#define __saggar_is_s32(__v) __saggar_is(__v, int)
#define __saggar_is_u32(__v) __saggar_is(__v, unsigned)
#define __saggar_is_s64(__v) (__saggar_is(__v, long) || __saggar_is(__v, long long))
#define __saggar_is_u64(__v) \
    (__saggar_is(__v, unsigned long) || __saggar_is(__v, unsigned long long))
#define __saggar_is_f32(__v) __saggar_is(__v, float)
#define __saggar_is_f64(__v) __saggar_is(__v, double)
#define __saggar_is_char(__v) (__saggar_is(__v, unsigned) || __saggar_is(__v, int))
#define __saggar_is_string(__v) __saggar_texty(__v)
