/* What the C glue needs of nothing but itself: one object for all skills of a toolchain. It is
 * compiled behind `glue.h`, which declares it. */

void __saggar_fill_texts(char **__to, const __saggar_byte *__block, struct __saggar_span __list)
{
    __saggar_size __i;
    for (__i = 0; __i < __list.__count; ++__i)
        __to[__i] = (char *)(__block + ((const __saggar_word *)__list.__data)[2 * __i]);
    __to[__list.__count] = 0;
}

void __saggar_fill_strings(struct __saggar_text *__to, const __saggar_byte *__block,
                           struct __saggar_span __list)
{
    __saggar_size __i;
    for (__i = 0; __i < __list.__count; ++__i) {
        const __saggar_word *__pair = (const __saggar_word *)__list.__data + 2 * __i;
        __to[__i].data = (char *)(__block + __pair[0]);
        __to[__i].len = __pair[1];
    }
}

unsigned __saggar_say(struct __saggar_frame *__frame, const char *__text)
{
    __saggar_size __n = 0;
    for (; __n < __frame->__result_cap && __text[__n]; ++__n)
        __frame->__result[__n] = (__saggar_byte)__text[__n];
    __frame->__result_len = __n;
    return __saggar_exception;
}

unsigned __saggar_close(struct __saggar_sink *__sink)
{
    if (__sink->__status == __saggar_exception)
        return __saggar_say(__sink->__frame, "the function returned NULL");
    if (__sink->__status == __saggar_ok) __sink->__frame->__result_len = __sink->__len;
    return __sink->__status;
}

/* Takes room for a list or string behind what is written and names it at `__place`; 0 where there
   is none, which the status says. */
static __saggar_size __saggar_take(struct __saggar_sink *__sink, __saggar_size __place,
                                   __saggar_size __count, __saggar_size __stride,
                                   __saggar_size __align)
{
    __saggar_byte *__base = __sink->__frame->__result;
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
    __sink->__len += __count * __stride;
    return __pair[0];
}

/* The same, and copies it there. */
static __saggar_size __saggar_put(struct __saggar_sink *__sink, __saggar_size __place,
                                  const void *__data, __saggar_size __count,
                                  __saggar_size __stride)
{
    __saggar_size __align = __stride < 8 ? __stride : 8;
    __saggar_size __start = __saggar_take(__sink, __place, __count, __stride, __align);
    if (__sink->__status == __saggar_ok && __data && __count > 0)
        __builtin_memcpy(__sink->__frame->__result + __start, __data, __count * __stride);
    return __start;
}

/* Where the linker puts the beginning and end of the skill: literals and statics lie between. */
extern const char __saggar_image[] __asm__("__ehdr_start")
    __attribute__((__visibility__("hidden")));
extern const char __saggar_image_end[] __asm__("_end") __attribute__((__visibility__("hidden")));

int __saggar_is_made(const struct __saggar_frame *__frame, const void *__data)
{
    __saggar_size __at = (__saggar_size)__data, __args = (__saggar_size)__frame->__args;
    __saggar_size __image = (__saggar_size)__saggar_image;
    if (!__data || __at - __image < (__saggar_size)__saggar_image_end - __image) return 0;
    return __at < __args || __at - __args > __frame->__args_len;
}

int __saggar_is_made_in(const struct __saggar_call *__call, const void *__data)
{
    const struct __saggar_chunk *__chunk = __call->__chunks;
    __saggar_size __at = (__saggar_size)__data;
    for (; __chunk; __chunk = __chunk->__next)
        if (__at - (__saggar_size)(__chunk + 1) < __chunk->__room) return 0;
    return __saggar_is_made(__call->__sink.__frame, __data);
}

/* The loop must stay one: a source may define its own strlen. */
#ifdef __clang__
__attribute__((__no_builtin__("strlen")))
#else
__attribute__((__optimize__("no-tree-loop-distribute-patterns")))
#endif
__saggar_size __saggar_strlen(const char *__text)
{
    __saggar_size __n = 0;
    while (__text[__n]) ++__n;
    return __n;
}

void __saggar_give(struct __saggar_sink *__sink, __saggar_size __place,
                   struct __saggar_found __found, __saggar_size __stride)
{
    if (!__found.__data && __found.__count > 0 && __sink->__status == __saggar_ok)
        __sink->__status = __saggar_exception;
    __saggar_put(__sink, __place, __found.__data, __found.__count, __stride);
}

__saggar_size __saggar_slots(struct __saggar_sink *__sink, struct __saggar_found __found)
{
    if (!__found.__data && __found.__count > 0 && __sink->__status == __saggar_ok)
        __sink->__status = __saggar_exception;
    return __saggar_put(__sink, 0, 0, __found.__count, 16);
}

void __saggar_fail(struct __saggar_call *__call, const char *__message)
{
    if (__call->__sink.__status != __saggar_ok) return;
    __call->__sink.__status = __saggar_exception;
    __call->__message = __message;
}

unsigned __saggar_end(struct __saggar_call *__call)
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
void __saggar_clear(__saggar_byte *__data, __saggar_size __count)
{
    for (; __count > 0; --__count) *__data++ = 0;
}

/* Chunks double, so that there are few of them to search when a result is freed. */
void *__saggar_alloc(struct __saggar_call *__call, __saggar_size __count,
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

void __saggar_text_into(struct __saggar_call *__call,
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

void __saggar_store(struct __saggar_call *__call, __saggar_size __at,
                                      const void *__value, __saggar_size __size)
{
    if (__call->__sink.__status == __saggar_ok)
        __builtin_memcpy(__call->__sink.__frame->__result + __at, __value, __size);
}

void __saggar_tag(struct __saggar_call *__call, __saggar_size __at)
{
    const __saggar_byte __one = 1;
    __saggar_store(__call, __at, &__one, 1);
}

void __saggar_store_char(struct __saggar_call *__call, __saggar_size __at,
                                           unsigned __value, __saggar_size __size)
{
    if (__size == 1 && __value > 127)
        __saggar_fail(__call, "the function returned a char that is not ASCII");
    __saggar_store(__call, __at, &__value, sizeof __value);
}

__saggar_size __saggar_count(struct __saggar_call *__call, const void *__data,
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

__saggar_size __saggar_room(struct __saggar_call *__call, __saggar_size __at,
                            __saggar_size __count, __saggar_size __stride, __saggar_size __align)
{
    struct __saggar_sink *__sink = &__call->__sink;
    __saggar_size __start = __saggar_take(__sink, __at, __count, __stride, __align);
    if (__sink->__status == __saggar_ok)
        __saggar_clear(__sink->__frame->__result + __start, __count * __stride);
    return __start;
}

void __saggar_put_run(struct __saggar_call *__call, __saggar_size __at, const void *__data,
                      __saggar_size __count, __saggar_size __stride)
{
    __saggar_put(&__call->__sink, __at, __data, __saggar_count(__call, __data, __count), __stride);
}

void __saggar_put_text(struct __saggar_call *__call, __saggar_size __at, const char *__text)
{
    if (__text)
        __saggar_put_run(__call, __at, __text, __saggar_strlen(__text), 1);
    else
        __saggar_fail(__call, __saggar_null);
}

void __saggar_store_array(struct __saggar_call *__call, __saggar_size __at,
                                            const char *__text, __saggar_size __room)
{
    __saggar_size __n = 0;
    while (__n < __room && __text[__n]) ++__n;
    __saggar_put_run(__call, __at, __text, __n, 1);
}
