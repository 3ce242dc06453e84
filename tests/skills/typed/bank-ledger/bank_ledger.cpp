#include <bits/stdc++.h>
using namespace std;

enum Kind { DEPOSIT, WITHDRAW, TRANSFER };

struct Transaction {
    uint64_t id;
    Kind kind;
    uint32_t account;
    optional<uint32_t> toAccount;
    int64_t cents;
};

struct LedgerError {
    uint64_t transactionId;
    string reason;
};

using Accounts = vector<pair<uint32_t, int64_t>>;

static int64_t *find_account(Accounts &accounts, uint32_t id) {
    for (auto &[account, balance] : accounts)
        if (account == id) return &balance;
    return nullptr;
}

variant<Accounts, LedgerError> replay(Accounts accounts, const vector<Transaction> &transactions) {
    for (const Transaction &t : transactions) {
        auto fail = [&](string reason) { return LedgerError{t.id, move(reason)}; };
        int64_t *from = find_account(accounts, t.account);
        if (!from) return fail("no account " + to_string(t.account));
        if (t.kind == DEPOSIT) {
            *from += t.cents;
            continue;
        }
        if (*from < t.cents) return fail("insufficient funds");
        if (t.kind == WITHDRAW) {
            *from -= t.cents;
            continue;
        }
        if (!t.toAccount) return fail("no receiver");
        int64_t *to = find_account(accounts, *t.toAccount);
        if (!to) return fail("no account " + to_string(*t.toAccount));
        *from -= t.cents; *to += t.cents;
    }
    return accounts;
}

uint16_t countKind(const vector<Transaction> &transactions, Kind which) {
    return count_if(transactions.begin(), transactions.end(),
                    [which](const Transaction &t) { return t.kind == which; });
}

optional<Transaction> largest(vector<Transaction> transactions) {
    if (transactions.empty()) return nullopt;
    return *max_element(transactions.begin(), transactions.end(),
                        [](auto &a, auto &b) { return a.cents < b.cents; });
}
