#include "saggar.h"

saggar_tuple_s8_s16_s32_s64_bool negate_all(int8_t a, int16_t b, int32_t c, int64_t d, bool flag) {
    return (saggar_tuple_s8_s16_s32_s64_bool){(int8_t)-a, (int16_t)-b, -c, -d, !flag};
}

saggar_tuple_u8_u16_u32_u64_f32_f64 double_all(uint8_t a, uint16_t b, uint32_t c, uint64_t d, float x,
                                               double y) {
    saggar_tuple_u8_u16_u32_u64_f32_f64 t;
    t.f0 = (uint8_t)(a * 2);
    t.f1 = (uint16_t)(b * 2);
    t.f2 = c * 2;
    t.f3 = d * 2;
    t.f4 = x * 2;
    t.f5 = y * 2;
    return t;
}

saggar_packed pack(bool flag, int8_t tiny, long wide, saggar_char letter, uint8_t narrow, float half,
                   short small, double whole) {
    return (saggar_packed){flag, tiny, wide, letter, narrow, half, small, whole};
}

saggar_packed toggle(saggar_packed p) {
    p.flag = !p.flag;
    p.letter += 1;
    p.narrow += 1;
    return p;
}

saggar_option_s16 either(saggar_option_bool a, saggar_option_s16 b, saggar_option_char c) {
    if (a.some && a.value) return b;
    saggar_option_s16 found = {0};
    if (c.some) {
        found.some = true;
        found.value = (int16_t)c.value;
    }
    return found;
}

uint64_t count_true(saggar_list_tuple_bool_u16_u64 pairs) {
    uint64_t sum = 0;
    for (size_t i = 0; i < pairs.len; i++)
        if (pairs.data[i].f0) sum += pairs.data[i].f2;
    return sum;
}
