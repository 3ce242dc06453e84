#include <bits/stdc++.h>
using namespace std;

using Entries = vector<pair<string, optional<string>>>;
using Number = variant<long long, string>;

optional<optional<string>> lookup(const Entries &entries, const string &key) {
    for (const auto &[name, value] : entries)
        if (name == key) return optional<optional<string>>(value);
    return nullopt;
}

optional<int> flatten(optional<optional<int>> value) {
    if (!value) return nullopt;
    return *value;
}

void check(const Entries &entries) {
    for (const auto &entry : entries)
        if (entry.first.empty()) throw runtime_error("a name is empty");
}

void require(const Entries &entries, const string &key) {
    auto found = lookup(entries, key);
    if (found && *found) return;
    throw runtime_error(key + (found ? " has no value" : " is missing"));
}

long long number(const string &text) {
    size_t used = 0;
    long long value = stoll(text, &used);
    if (used != text.size()) throw invalid_argument(text);
    return value;
}

vector<Number> allNumbers(const vector<string> &texts) {
    vector<Number> out;
    for (const string &text : texts) {
        try {
            out.push_back(number(text));
        } catch (const exception &) {
            out.push_back("no number: " + text);
        }
    }
    return out;
}

vector<long long> goodOnes(const vector<Number> &results) {
    vector<long long> out;
    for (const auto &r : results)
        if (holds_alternative<long long>(r)) out.push_back(get<long long>(r));
    return out;
}
