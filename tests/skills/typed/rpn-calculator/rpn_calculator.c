#include "saggar.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next token of text from *at; its length, 0 at the end. */
static size_t next_token(const char *text, size_t *at, const char **token) {
    while (isspace((unsigned char)text[*at])) ++*at;
    *token = text + *at;
    size_t n = 0;
    while (text[*at] && !isspace((unsigned char)text[*at])) { ++*at; ++n; }
    return n;
}

static bool is_operator(const char *token, size_t n) {
    return n == 1 && strchr("+-*/", token[0]);
}

static bool is_number(const char *token, size_t n) {
    char *end;
    strtod(token, &end);
    return isdigit((unsigned char)token[n - 1]) && end == token + n;
}

static saggar_result_f64_string failed(const char *format, ...) {
    char buffer[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(buffer, sizeof buffer, format, args);
    va_end(args);
    saggar_result_f64_string result = {.is_err = true};
    result.err.data = strdup(buffer);
    result.err.len = (size_t)n;
    return result;
}

saggar_result_f64_string evaluate(saggar_string text) {
    double stack[256];
    size_t top = 0, at = 0, n;
    const char *token;
    while ((n = next_token(text.data, &at, &token)) > 0) {
        if (is_operator(token, n)) {
            if (top < 2) return failed("stack underflow at %c", *token);
            double b = stack[--top], a = stack[--top];
            if (*token == '/' && b == 0) return failed("division by zero");
            stack[top++] = *token == '+' ? a + b : *token == '-' ? a - b : *token == '*' ? a * b : a / b;
        } else if (is_number(token, n)) {
            if (top == 256) return failed("too deep");
            stack[top++] = strtod(token, NULL);
        } else {
            return failed("unknown token %.*s", (int)n, token);
        }
    }
    if (top != 1) return failed("%zu values left", top);
    saggar_result_f64_string result = {.is_err = false};
    result.ok = stack[0];
    return result;
}

saggar_result_u8_rpn_error depth(saggar_string text) {
    saggar_result_u8_rpn_error bad = {.is_err = true};
    unsigned now = 0, most = 0;
    size_t at = 0, n;
    const char *token;
    while ((n = next_token(text.data, &at, &token)) > 0) {
        if (is_operator(token, n)) {
            if (now < 2) {
                bad.err = SAGGAR_RPN_ERROR_STACK_UNDERFLOW;
                return bad;
            }
            now--;
        } else if (is_number(token, n)) {
            if (++now > most) most = now;
        } else {
            bad.err = SAGGAR_RPN_ERROR_UNKNOWN_TOKEN;
            return bad;
        }
    }
    if (now != 1) {
        bad.err = now == 0 ? SAGGAR_RPN_ERROR_EMPTY : SAGGAR_RPN_ERROR_LEFTOVER;
        return bad;
    }
    saggar_result_u8_rpn_error good = {.is_err = false};
    good.ok = (uint8_t)most;
    return good;
}

saggar_result_none_rpn_error check(saggar_string text) {
    saggar_result_u8_rpn_error found = depth(text);
    saggar_result_none_rpn_error result = {.is_err = found.is_err};
    if (found.is_err) result.err = found.err;
    return result;
}
