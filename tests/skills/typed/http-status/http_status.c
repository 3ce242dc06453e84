#include <stdlib.h>
#include <string.h>

#include "saggar.h"

static uint16_t number_of(saggar_status code) {
    switch (code) {
    case SAGGAR_STATUS_OK: return 200;
    case SAGGAR_STATUS_NOT_FOUND: return 404;
    case SAGGAR_STATUS_MOVED_PERMANENTLY: return 301;
    case SAGGAR_STATUS_TEAPOT: return 418;
    case SAGGAR_STATUS_INTERNAL_SERVER_ERROR: return 500;
    }
    return 0;
}

uint16_t code_of(saggar_status code) { return number_of(code); }

saggar_option_status of_code(uint16_t code) {
    for (int s = SAGGAR_STATUS_OK; s <= SAGGAR_STATUS_INTERNAL_SERVER_ERROR; s++)
        if (number_of((saggar_status)s) == code) return (saggar_option_status){true, (saggar_status)s};
    return (saggar_option_status){.some = false};
}

bool is_error(saggar_status code) { return number_of(code) >= 400; }

saggar_list_tuple_u16_status_u8 failures(saggar_list_response responses) {
    saggar_list_tuple_u16_status_u8 out = {calloc(5, sizeof *out.data), 0};
    static const saggar_status errors[] = {SAGGAR_STATUS_NOT_FOUND, SAGGAR_STATUS_TEAPOT,
                                           SAGGAR_STATUS_INTERNAL_SERVER_ERROR};
    for (size_t e = 0; e < 3; e++) {
        uint8_t n = 0;
        for (size_t i = 0; i < responses.len; i++) n += responses.data[i].code == errors[e];
        if (n > 0) {
            out.data[out.len].f0 = number_of(errors[e]);
            out.data[out.len].f1 = errors[e];
            out.data[out.len++].f2 = n;
        }
    }
    return out;
}

saggar_result_response_status slowest(saggar_list_response responses) {
    saggar_result_response_status result = {.is_err = true};
    if (responses.len == 0) {
        result.err = SAGGAR_STATUS_NOT_FOUND;
        return result;
    }
    saggar_response *worst = responses.data;
    for (size_t i = 1; i < responses.len; i++)
        if (responses.data[i].millis > worst->millis) worst = responses.data + i;
    result.is_err = false;
    result.ok = *worst;
    if (worst->body.some) {
        result.ok.body.value.data = malloc(worst->body.value.len + 1);
        memcpy(result.ok.body.value.data, worst->body.value.data, worst->body.value.len);
    }
    return result;
}
