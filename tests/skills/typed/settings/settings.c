#include "saggar.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef saggar_list_tuple_string_option_string entry_list;

static saggar_string joined(saggar_string a, const char *b) {
    saggar_string s = {malloc(a.len + strlen(b) + 1), a.len + strlen(b)};
    memcpy(s.data, a.data, a.len);
    strcpy(s.data + a.len, b);
    return s;
}

static saggar_option_option_string find(entry_list entries, saggar_string key) {
    saggar_option_option_string found = {0};
    for (size_t i = 0; i < entries.len; i++) {
        saggar_string name = entries.data[i].f0;
        if (name.len == key.len && memcmp(name.data, key.data, key.len) == 0) {
            found.some = true;
            found.value = entries.data[i].f1;
            break;
        }
    }
    return found;
}

saggar_option_option_string lookup(entry_list entries, saggar_string key) {
    saggar_option_option_string found = find(entries, key);
    if (found.some && found.value.some) found.value.value = joined(found.value.value, "");
    return found;
}

saggar_option_s32 flatten(saggar_option_option_s32 value) {
    if (value.some) return value.value;
    return (saggar_option_s32){.some = false};
}

saggar_result_none_none check(entry_list entries) {
    saggar_result_none_none result = {.is_err = false};
    for (size_t i = 0; i < entries.len; i++)
        if (entries.data[i].f0.len == 0) result.is_err = true;
    return result;
}

saggar_result_none_string require(entry_list entries, saggar_string key) {
    saggar_option_option_string found = find(entries, key);
    saggar_result_none_string result = {.is_err = !found.some || !found.value.some};
    if (result.is_err) result.err = joined(key, found.some ? " has no value" : " is missing");
    return result;
}

saggar_result_s64_none number(saggar_string text) {
    char *end;
    errno = 0;
    long long value = strtoll(text.data, &end, 10);
    saggar_result_s64_none result = {
        .is_err = text.len == 0 || end != text.data + text.len || errno != 0};
    if (!result.is_err) result.ok = value;
    return result;
}

saggar_list_result_s64_string all_numbers(saggar_list_string texts) {
    saggar_list_result_s64_string out = {calloc(texts.len + 1, sizeof *out.data), texts.len};
    for (size_t i = 0; i < texts.len; i++) {
        saggar_result_s64_none one = number(texts.data[i]);
        out.data[i].is_err = one.is_err;
        if (one.is_err) {
            static char prefix[] = "no number: ";
            out.data[i].err = joined((saggar_string){prefix, 11}, texts.data[i].data);
        } else {
            out.data[i].ok = one.ok;
        }
    }
    return out;
}

saggar_list_s64 good_ones(saggar_list_result_s64_string results) {
    saggar_list_s64 out = {malloc((results.len + 1) * sizeof(int64_t)), 0};
    for (size_t i = 0; i < results.len; i++)
        if (!results.data[i].is_err) out.data[out.len++] = results.data[i].ok;
    return out;
}
