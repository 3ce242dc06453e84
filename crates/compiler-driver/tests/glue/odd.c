#include "saggar.h"
#include <stdlib.h>

static size_t strlen(saggar_int x)
{
    return x.linux_ + (size_t)(x.bool_.data[0] + x.bool_.data[1]) * x.default_.some;
}

static saggar_list_list_s32 remove(saggar_list_list_s32_0884f16e x)
{
    saggar_list_list_s32 out = {malloc((x.len + 1) * sizeof *out.data), x.len};
    for (size_t i = 0; i < x.len; i++) {
        out.data[i].data = malloc(2 * sizeof(int32_t));
        out.data[i].data[0] = x.data[i].len;
        out.data[i].data[1] = x.data[i].len2;
        out.data[i].len = 2;
    }
    return out;
}
static saggar_e read(const saggar_e x) { return x + 1; }
uint8_t add(saggar_tuple_tuple_u8_u8_u8 x, const saggar_tuple_tuple_u8_u8_u8_7cef0795 *y)
{
    return (uint8_t)(x.f0.f0 + x.f0.f1 + x.f1 + y->f0.f0 + y->f1 + y->f2);
}
saggar_option_e saggar(saggar_tuple_e_e_red x) { return (saggar_option_e){true, x.f0}; }
static saggar_tuple_u8 memset(saggar_tuple_u8 x) { return x; }

#define FUNCTION(name) saggar_tuple_u8 name(saggar_tuple_u8 x)
FUNCTION(made_by_macro)
{
    x.f0++;
    return x;
}
int32_t mixed(saggar_list_s32 a, const char *b, size_t n, const unsigned char *c, int m)
{
    return (int32_t)(a.len + n) + c[m - 1] + (b[n] == 0);
}

#define if oops
#define value oops
#define some oops
#define data oops
#define len oops
#define f0 oops
#define is_err oops
#define sizeof oops
#define static oops
#define int long long
#define saggar_e oops
#define __saggar_c oops
#define __saggar_read_0 oops
#pragma pack(1)
