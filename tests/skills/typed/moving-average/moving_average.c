#include <stdlib.h>

#include "saggar.h"

saggar_list_option_f64 moving_average(saggar_list_f64 values, uint32_t window) {
    saggar_list_option_f64 out = {calloc(values.len + 1, sizeof(saggar_option_f64)), values.len};
    double sum = 0;
    for (size_t i = 0; i < values.len; i++) {
        sum += values.data[i];
        if (i >= window) sum -= values.data[i - window];
        if (window > 0 && i + 1 >= window) {
            out.data[i].some = true;
            out.data[i].value = sum / window;
        }
    }
    return out;
}

saggar_list_f64 fill_gaps(saggar_list_option_f64 values, saggar_option_f64 start) {
    saggar_list_f64 out = {malloc((values.len + 1) * sizeof(double)), values.len};
    double last = start.some ? start.value : 0.0;
    for (size_t i = 0; i < values.len; i++) {
        double here = values.data[i].some ? (last = values.data[i].value) : last;
        out.data[i] = here;
    }
    return out;
}

saggar_option_f32 mean(saggar_list_f32 values) {
    float sum = 0;
    for (size_t i = 0; i < values.len; i++) sum += values.data[i];
    saggar_option_f32 result = {values.len > 0, 0};
    if (result.some) result.value = sum / (float)values.len;
    return result;
}

saggar_option_u64 first_gap(saggar_list_option_f64 values) {
    for (size_t i = 0; i < values.len; i++)
        if (!values.data[i].some) return (saggar_option_u64){true, i};
    return (saggar_option_u64){0};
}
