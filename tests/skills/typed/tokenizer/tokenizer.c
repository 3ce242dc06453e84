#include "saggar.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef saggar_result_list_token_token_error token_result;

static void push(saggar_list_token *list, saggar_token_kind kind, const char *text, size_t n,
                 size_t offset) {
    list->data = realloc(list->data, (list->len + 1) * sizeof *list->data);
    saggar_token *token = &list->data[list->len++];
    token->kind = kind;
    token->text.data = malloc(n + 1);
    memcpy(token->text.data, text, n);
    token->text.len = n;
    token->offset = (uint32_t)offset;
}

static void drop(saggar_list_token *list) {
    for (size_t i = 0; i < list->len; i++) free(list->data[i].text.data);
    free(list->data);
}

token_result tokenize(saggar_string source) {
    static const char punctuation[] = "{}[]:,";
    saggar_list_token list = {NULL, 0};
    const char *s = source.data;
    for (size_t at = 0; at < source.len;) {
        unsigned char c = (unsigned char)s[at];
        const char *hit = c ? strchr(punctuation, c) : NULL;
        size_t end = at + 1;
        if (isspace(c)) {
            /* nothing */
        } else if (hit) {
            push(&list, (saggar_token_kind)(hit - punctuation), s + at, 1, at);
        } else if (c == '"' && strchr(s + end, '"')) {
            size_t n = (size_t)(strchr(s + end, '"') - (s + end));
            push(&list, SAGGAR_TOKEN_KIND_TEXT, s + end, n, at);
            end += n + 1;
        } else if (isdigit(c) || c == '-') {
            while (isalnum((unsigned char)s[end]) || s[end] == '.') end++;
            push(&list, SAGGAR_TOKEN_KIND_NUMBER, s + at, end - at, at);
        } else if (islower(c)) {
            while (islower((unsigned char)s[end])) end++;
            push(&list, SAGGAR_TOKEN_KIND_LITERAL, s + at, end - at, at);
        } else {
            drop(&list);
            return (token_result){.is_err = true, .err = {(uint32_t)at, c}};
        }
        at = end;
    }
    return (token_result){.is_err = false, .ok = list};
}

saggar_option_list_token_kind kinds(saggar_string source) {
    saggar_option_list_token_kind out = {0};
    token_result found = tokenize(source);
    if (found.is_err) return out;
    out.some = true;
    out.value.len = found.ok.len;
    out.value.data = malloc((found.ok.len + 1) * sizeof(saggar_token_kind));
    for (size_t i = 0; i < found.ok.len; i++) out.value.data[i] = found.ok.data[i].kind;
    drop(&found.ok);
    return out;
}

saggar_string render(saggar_list_token tokens) {
    size_t room = 1;
    for (size_t i = 0; i < tokens.len; i++) room += tokens.data[i].text.len + 2;
    saggar_string out = {calloc(room, 1), 0};
    for (size_t i = 0; i < tokens.len; i++) {
        const char *quote = tokens.data[i].kind == SAGGAR_TOKEN_KIND_TEXT ? "\"" : "";
        strcat(out.data, quote);
        strcat(out.data, tokens.data[i].text.data);
        strcat(out.data, quote);
    }
    out.len = strlen(out.data);
    return out;
}
