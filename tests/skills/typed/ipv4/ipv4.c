#include <stdio.h>
#include <stdlib.h>

#include "saggar.h"

typedef saggar_tuple_u8_u8_u8_u8 address_t;
typedef saggar_result_tuple_u8_u8_u8_u8_string parsed;

parsed parse(saggar_string text) {
    parsed result = {.is_err = false};
    uint8_t octets[4];
    const char *at = text.data;
    for (int i = 0; i < 4; i++) {
        unsigned value = 0;
        bool good = *at >= '0' && *at <= '9';
        for (; *at >= '0' && *at <= '9' && value <= 255; at++)
            value = value * 10 + (unsigned)(*at - '0');
        good = good && value <= 255 && (i < 3 ? *at == '.' || *at == 0 : at == text.data + text.len);
        if (!good) {
            result.is_err = true;
            result.err.data = malloc(text.len + 32);
            result.err.len = (size_t)sprintf(result.err.data, "octet %d of %s", i + 1, text.data);
            return result;
        }
        octets[i] = (uint8_t)value;
        if (*at == '.') at++;
    }
    result.ok = (address_t){octets[0], octets[1], octets[2], octets[3]};
    return result;
}

uint32_t to_number(address_t address) {
    return (uint32_t)address.f0 << 24 | (uint32_t)address.f1 << 16 | (uint32_t)address.f2 << 8 |
           address.f3;
}

static uint32_t mask(uint8_t prefix) { return prefix ? UINT32_MAX << (32 - prefix) : 0; }

bool same_network(address_t a, address_t b, uint8_t prefix) {
    return (to_number(a) & mask(prefix)) == (to_number(b) & mask(prefix));
}

saggar_tuple_u8_u32_bool network(address_t address, uint8_t prefix) {
    bool own = address.f0 == 10 || (address.f0 == 172 && address.f1 >> 4 == 1) ||
               (address.f0 == 192 && address.f1 == 168);
    return (saggar_tuple_u8_u32_bool){prefix, to_number(address) & mask(prefix), own};
}
