#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "saggar.h"

typedef saggar_result_list_tuple_u32_s64_ledger_error replay_result;

static int64_t *find(saggar_list_tuple_u32_s64 accounts, uint32_t id) {
    for (size_t i = 0; i < accounts.len; i++)
        if (accounts.data[i].f0 == id) return &accounts.data[i].f1;
    return NULL;
}

static saggar_ledger_error failed(uint64_t id, const char *format, uint32_t account) {
    saggar_ledger_error error = {.transaction_id = id};
    error.reason.data = malloc(64);
    error.reason.len = (size_t)snprintf(error.reason.data, 64, format, account);
    return error;
}

replay_result replay(saggar_list_tuple_u32_s64 accounts, saggar_list_transaction transactions) {
    saggar_list_tuple_u32_s64 now = {malloc((accounts.len + 1) * sizeof *accounts.data), accounts.len};
    memcpy(now.data, accounts.data, accounts.len * sizeof *accounts.data);
    replay_result result = {.is_err = true};
    for (size_t i = 0; i < transactions.len; i++) {
        saggar_transaction t = transactions.data[i];
        int64_t *from = find(now, t.account), *to = NULL;
        if (t.to_account.some) to = find(now, t.to_account.value);
        const char *why = NULL;
        uint32_t about = t.account;
        if (!from) why = "no account %u";
        else if (t.kind != SAGGAR_KIND_DEPOSIT && *from < t.cents) why = "insufficient funds";
        else if (t.kind == SAGGAR_KIND_TRANSFER && !t.to_account.some) why = "no receiver";
        else if (t.kind == SAGGAR_KIND_TRANSFER && !to) why = "no account %u", about = t.to_account.value;
        if (why) {
            free(now.data);
            result.err = failed(t.id, why, about);
            return result;
        }
        switch (t.kind) {
        case SAGGAR_KIND_DEPOSIT: *from += t.cents; break;
        case SAGGAR_KIND_WITHDRAW: *from -= t.cents; break;
        case SAGGAR_KIND_TRANSFER: *from -= t.cents, *to += t.cents; break;
        }
    }
    result.is_err = false;
    result.ok = now;
    return result;
}

uint16_t count_kind(saggar_list_transaction transactions, saggar_kind which) {
    uint16_t n = 0;
    for (size_t i = 0; i < transactions.len; i++) n += transactions.data[i].kind == which;
    return n;
}

saggar_option_transaction largest(saggar_list_transaction transactions) {
    saggar_option_transaction best = {0};
    for (size_t i = 0; i < transactions.len; i++)
        if (!best.some || transactions.data[i].cents > best.value.cents)
            best = (saggar_option_transaction){true, transactions.data[i]};
    return best;
}
