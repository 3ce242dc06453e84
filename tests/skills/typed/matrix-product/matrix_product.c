#include <stdio.h>
#include <stdlib.h>

#include "saggar.h"

static saggar_list_list_f64 zeros(size_t rows, size_t cols) {
    saggar_list_list_f64 m = {calloc(rows ? rows : 1, sizeof *m.data), rows};
    for (size_t i = 0; i < rows; i++) {
        m.data[i].data = calloc(cols ? cols : 1, sizeof(double));
        m.data[i].len = cols;
    }
    return m;
}

saggar_result_list_list_f64_string multiply(saggar_list_list_f64 a, saggar_list_list_f64 b) {
    saggar_result_list_list_f64_string result = {0};
    size_t width = a.len ? a.data[0].len : 0;
    size_t cols = b.len ? b.data[0].len : 0;
    if (width != b.len) {
        char *text = malloc(128);
        int n = snprintf(text, 128, "shapes %zux%zu and %zux%zu do not match", a.len, width,
                         b.len, cols);
        result.is_err = true;
        result.err = (saggar_string){text, (size_t)n};
        return result;
    }
    saggar_list_list_f64 c = zeros(a.len, cols);
    for (size_t i = 0; i < a.len; i++)
        for (size_t j = 0; j < cols; j++)
            for (size_t k = 0; k < b.len; k++)
                c.data[i].data[j] += a.data[i].data[k] * b.data[k].data[j];
    result.ok = c;
    return result;
}

saggar_list_list_s32 transpose(saggar_list_list_s32 matrix) {
    if (matrix.len == 0) return (saggar_list_list_s32){NULL, 0};
    size_t cols = matrix.data[0].len;
    saggar_list_list_s32 out = {malloc(cols * sizeof(saggar_list_s32)), cols};
    for (size_t j = 0; j < cols; j++) {
        out.data[j].data = malloc(matrix.len * sizeof(int32_t));
        out.data[j].len = matrix.len;
        for (size_t i = 0; i < matrix.len; i++) out.data[j].data[i] = matrix.data[i].data[j];
    }
    return out;
}

saggar_option_f64 trace(saggar_list_list_f64 matrix) {
    double sum = 0;
    for (size_t i = 0; i < matrix.len; i++) {
        if (matrix.data[i].len != matrix.len) return (saggar_option_f64){.some = false};
        sum += matrix.data[i].data[i];
    }
    return (saggar_option_f64){true, sum};
}
