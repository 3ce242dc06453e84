/* The C glue: the structures of a call, the writer of the result block, and the checks that tell
 * in which form a function returned. The layout is that of saggar-skill-abi's `layout`, the
 * structures that of its `frame`. It stands after the source in one translation unit, includes
 * nothing, and every name here is reserved. */

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

/* The strings of a list as pointers, NULL if memory is short; the caller frees the array. */
static __inline__ char **__saggar_texts(const __saggar_byte *__block, struct __saggar_span __list)
{
    char **__made = (char **)__builtin_malloc((__list.__count + 1) * sizeof *__made);
    __saggar_size __i;
    if (!__made) return __made;
    for (__i = 0; __i < __list.__count; ++__i)
        __made[__i] = (char *)(__block + ((const __saggar_word *)__list.__data)[2 * __i]);
    __made[__list.__count] = 0;
    return __made;
}

#ifdef SAGGAR_H
/* The same as the structs of saggar.h. */
static __inline__ saggar_string *__saggar_strings(const __saggar_byte *__block,
                                                  struct __saggar_span __list)
{
    saggar_string *__made =
        (saggar_string *)__builtin_malloc((__list.__count + 1) * sizeof *__made);
    __saggar_size __i;
    if (!__made) return __made;
    for (__i = 0; __i < __list.__count; ++__i) {
        const __saggar_word *__pair = (const __saggar_word *)__list.__data + 2 * __i;
        __made[__i].data = (char *)(__block + __pair[0]);
        __made[__i].len = __pair[1];
    }
    return __made;
}
#endif

/* ---- Results ---- */

/* The result block. What does not fit is not written, and `__status` says so. */
struct __saggar_sink {
    struct __saggar_frame *__frame;
    __saggar_size __len;
    unsigned __status;
};

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

/* Leaves a message in place of the result. */
static __inline__ unsigned __saggar_say(struct __saggar_frame *__frame, const char *__text)
{
    __saggar_size __n = 0;
    for (; __n < __frame->__result_cap && __text[__n]; ++__n)
        __frame->__result[__n] = (__saggar_byte)__text[__n];
    __frame->__result_len = __n;
    return __saggar_exception;
}

static __inline__ unsigned __saggar_close(struct __saggar_sink *__sink)
{
    if (__sink->__status == __saggar_exception)
        return __saggar_say(__sink->__frame, "the function returned NULL");
    if (__sink->__status == __saggar_ok) __sink->__frame->__result_len = __sink->__len;
    return __sink->__status;
}

/* Copies a list or string behind what is written and names it at `__place`. */
static __inline__ __saggar_size __saggar_put(struct __saggar_sink *__sink, __saggar_size __place,
                                             const void *__data, __saggar_size __count,
                                             __saggar_size __stride)
{
    __saggar_byte *__base = __sink->__frame->__result;
    __saggar_size __align = __stride < 8 ? __stride : 8;
    __saggar_size __gap = (__align - __sink->__len % __align) % __align;
    __saggar_size __left = __sink->__frame->__result_cap - __sink->__len;
    __saggar_word __pair[2];
    if (__sink->__status != __saggar_ok) return 0;
    if (__gap > __left || __count > (__left - __gap) / __stride) {
        __sink->__status = __saggar_result_too_large;
        return 0;
    }
    for (; __gap > 0; --__gap) __base[__sink->__len++] = 0;
    __pair[0] = __sink->__len;
    __pair[1] = __count;
    __builtin_memcpy(__base + __place, __pair, sizeof __pair);
    if (__data && __count > 0)
        __builtin_memcpy(__base + __sink->__len, __data, __count * __stride);
    __sink->__len += __count * __stride;
    return __pair[0];
}

/* Where the linker puts the beginning and end of the skill: literals and statics lie between. */
extern const char __saggar_image[] __asm__("__ehdr_start")
    __attribute__((__visibility__("hidden")));
extern const char __saggar_image_end[] __asm__("_end") __attribute__((__visibility__("hidden")));

/* Frees what the function allocated, which a pointer into its own arguments is not, nor a literal
 * or a static. An empty list may lie at the very end of the arguments. */
static __inline__ void __saggar_free(struct __saggar_frame *__frame, const void *__data)
{
    __saggar_size __at = (__saggar_size)__data, __args = (__saggar_size)__frame->__args;
    __saggar_size __image = (__saggar_size)__saggar_image;
    if (__at - __image < (__saggar_size)__saggar_image_end - __image) return;
    if (__at < __args || __at - __args > __frame->__args_len) __builtin_free((void *)__data);
}

/* The loop must stay one: a source may define its own strlen. */
#ifdef __clang__
__attribute__((__no_builtin__("strlen")))
#else
__attribute__((__optimize__("no-tree-loop-distribute-patterns")))
#endif
static __inline__ __saggar_size
__saggar_strlen(const char *__text)
{
    __saggar_size __n = 0;
    while (__text[__n]) ++__n;
    return __n;
}

/* A string or list as the function returned it; `__owned` if it is to be freed. */
struct __saggar_found {
    const void *__data;
    __saggar_size __count;
    int __owned;
};

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

/* Writes it at `__place`. A NULL that is not empty is the function's failure. */
static __inline__ __saggar_size __saggar_give(struct __saggar_sink *__sink,
                                              __saggar_size __place,
                                              struct __saggar_found __found,
                                              __saggar_size __stride)
{
    if (!__found.__data && __found.__count > 0 && __sink->__status == __saggar_ok)
        __sink->__status = __saggar_exception;
    return __saggar_put(__sink, __place, __found.__data, __found.__count, __stride);
}

/* Room for a list of strings, each to be given in its own slot. */
static __inline__ __saggar_size __saggar_slots(struct __saggar_sink *__sink,
                                               struct __saggar_found __found)
{
    if (!__found.__data && __found.__count > 0 && __sink->__status == __saggar_ok)
        __sink->__status = __saggar_exception;
    return __saggar_put(__sink, 0, 0, __found.__count, 16);
}

static __inline__ void __saggar_drop(struct __saggar_sink *__sink, struct __saggar_found __found)
{
    if (__found.__owned) __saggar_free(__sink->__frame, __found.__data);
}

/* ---- Forms, told apart by type ---- */

struct __saggar_text {
    const char *data;
    __saggar_size len;
};

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

static __inline__ struct __saggar_call __saggar_begin(struct __saggar_frame *__frame,
                                                      __saggar_size __head)
{
    struct __saggar_call __call;
    __call.__sink = __saggar_open(__frame, __head);
    __call.__chunks = 0;
    __call.__message = 0;
    return __call;
}

/* The first failure counts. */
static __inline__ void __saggar_fail(struct __saggar_call *__call, const char *__message)
{
    if (__call->__sink.__status != __saggar_ok) return;
    __call->__sink.__status = __saggar_exception;
    __call->__message = __message;
}

static __inline__ unsigned __saggar_end(struct __saggar_call *__call)
{
    struct __saggar_frame *__frame = __call->__sink.__frame;
    struct __saggar_chunk *__chunk = __call->__chunks;
    while (__chunk) {
        struct __saggar_chunk *__next = __chunk->__next;
        __builtin_free(__chunk);
        __chunk = __next;
    }
    if (__call->__sink.__status == __saggar_exception)
        return __saggar_say(__frame, __call->__message);
    if (__call->__sink.__status == __saggar_ok) __frame->__result_len = __call->__sink.__len;
    return __call->__sink.__status;
}

/* The loop must stay one: a source may define its own memset. */
#ifdef __clang__
__attribute__((__no_builtin__("memset")))
#else
__attribute__((__optimize__("no-tree-loop-distribute-patterns")))
#endif
static __inline__ void
__saggar_clear(__saggar_byte *__data, __saggar_size __count)
{
    for (; __count > 0; --__count) *__data++ = 0;
}

/* Zeroed room for so many objects, NULL if memory is short. Chunks double, so that there are few
 * of them to search when a result is freed. */
static __inline__ void *__saggar_alloc(struct __saggar_call *__call, __saggar_size __count,
                                       __saggar_size __size, __saggar_size __align)
{
    struct __saggar_chunk *__chunk = __call->__chunks;
    __saggar_size __bytes, __need, __room, __skip;
    if (__builtin_mul_overflow(__count, __size, &__bytes) || __bytes > __PTRDIFF_MAX__ / 4) {
        __call->__sink.__status = __saggar_out_of_memory;
        return 0;
    }
    __need = __bytes + __align;
    if (!__chunk || __chunk->__room - __chunk->__used < __need) {
        __room = __chunk ? 2 * __chunk->__room : 4000;
        if (__room < __need) __room = __need;
        __chunk = (struct __saggar_chunk *)__builtin_malloc(sizeof *__chunk + __room);
        if (!__chunk) {
            __call->__sink.__status = __saggar_out_of_memory;
            return 0;
        }
        __chunk->__next = __call->__chunks;
        __chunk->__room = __room;
        __chunk->__used = 0;
        __call->__chunks = __chunk;
    }
    {
        __saggar_byte *__free = (__saggar_byte *)(__chunk + 1) + __chunk->__used;
        __skip = (__align - (__saggar_size)__free % __align) % __align;
        __chunk->__used += __skip + __bytes;
        __saggar_clear(__free + __skip, __bytes);
        return __free + __skip;
    }
}

static __inline__ struct __saggar_span __saggar_span_at(const __saggar_byte *__block,
                                                        const __saggar_byte *__from)
{
    return __saggar_at(__block, (__saggar_size)(__from - __block));
}

/* Copies a string into an array of so many bytes, a NUL behind it. */
static __inline__ void __saggar_text_into(struct __saggar_call *__call,
                                          struct __saggar_span __text, char *__to,
                                          __saggar_size __room, const char *__message)
{
    if (__text.__count >= __room) {
        __saggar_fail(__call, __message);
        return;
    }
    __builtin_memcpy(__to, __text.__data, __text.__count);
    __to[__text.__count] = 0;
}

static __inline__ void __saggar_store(struct __saggar_call *__call, __saggar_size __at,
                                      const void *__value, __saggar_size __size)
{
    if (__call->__sink.__status == __saggar_ok)
        __builtin_memcpy(__call->__sink.__frame->__result + __at, __value, __size);
}

/* Says that an option has a value, or that a result is an error. */
static __inline__ void __saggar_tag(struct __saggar_call *__call, __saggar_size __at)
{
    const __saggar_byte __one = 1;
    __saggar_store(__call, __at, &__one, 1);
}

/* A character of 8 bits is ASCII. */
static __inline__ void __saggar_store_char(struct __saggar_call *__call, __saggar_size __at,
                                           unsigned __value, __saggar_size __size)
{
    if (__size == 1 && __value > 127)
        __saggar_fail(__call, "the function returned a char that is not ASCII");
    __saggar_store(__call, __at, &__value, sizeof __value);
}

/* The same where parameters lie in chunks too. */
static __inline__ void __saggar_release(struct __saggar_call *__call, const void *__data,
                                        int __owned)
{
    const struct __saggar_chunk *__chunk = __call->__chunks;
    __saggar_size __at = (__saggar_size)__data;
    if (!__owned || !__data) return;
    for (; __chunk; __chunk = __chunk->__next)
        if (__at - (__saggar_size)(__chunk + 1) < __chunk->__room) return;
    __saggar_free(__call->__sink.__frame, __data);
}

/* The number of elements of a list: none where there is no list. A negative length, which no
 * memory holds as a positive one, is the function's failure. */
static __inline__ __saggar_size __saggar_count(struct __saggar_call *__call, const void *__data,
                                               __saggar_size __count)
{
    if (__count > (__saggar_size)-1 / 2) {
        __saggar_fail(__call, "the function returned a negative length");
        return 0;
    }
    if (__data) return __count;
    if (__count > 0) __saggar_fail(__call, __saggar_null);
    return 0;
}

/* Zeroed room for the elements of the list at a place. */
static __inline__ __saggar_size __saggar_room(struct __saggar_call *__call, __saggar_size __at,
                                              __saggar_size __count, __saggar_size __stride,
                                              __saggar_size __align)
{
    struct __saggar_sink *__sink = &__call->__sink;
    __saggar_size __gap = (__align - __sink->__len % __align) % __align;
    __saggar_size __left = __sink->__frame->__result_cap - __sink->__len;
    __saggar_word __pair[2];
    if (__sink->__status != __saggar_ok) return 0;
    if (__gap > __left || __count > (__left - __gap) / __stride) {
        __sink->__status = __saggar_result_too_large;
        return 0;
    }
    __pair[0] = __sink->__len + __gap;
    __pair[1] = __count;
    __builtin_memcpy(__sink->__frame->__result + __at, __pair, sizeof __pair);
    __saggar_clear(__sink->__frame->__result + __sink->__len, __gap + __count * __stride);
    __sink->__len += __gap + __count * __stride;
    return __pair[0];
}

/* A string or list of scalars. */
static __inline__ void __saggar_store_run(struct __saggar_call *__call, __saggar_size __at,
                                          const void *__data, __saggar_size __count,
                                          __saggar_size __stride, int __owned)
{
    __count = __saggar_count(__call, __data, __count);
    __saggar_put(&__call->__sink, __at, __data, __count, __stride);
    __saggar_release(__call, __data, __owned);
}

static __inline__ void __saggar_store_text(struct __saggar_call *__call, __saggar_size __at,
                                           const char *__text, int __owned)
{
    if (__text)
        __saggar_store_run(__call, __at, __text, __saggar_strlen(__text), 1, __owned);
    else
        __saggar_fail(__call, __saggar_null);
}

static __inline__ void __saggar_store_array(struct __saggar_call *__call, __saggar_size __at,
                                            const char *__text, __saggar_size __room)
{
    __saggar_size __n = 0;
    while (__n < __room && __text[__n]) ++__n;
    __saggar_store_run(__call, __at, __text, __n, 1, 0);
}
