#include <bits/stdc++.h>
using namespace std;

vector<string> remove(vector<string> items, string word) {
    items.erase(std::remove(items.begin(), items.end(), word), items.end());
    return items;
}

// Sorts the list it was given: callers own it.
vector<string> sort_by_length(vector<string> &items) {
    sort(items.begin(), items.end(), [](const string &a, const string &b) {
        if (a.size() == b.size()) return a < b;
        return a.size() < b.size();
    });
    return items;
}

vector<size_t> lengths(const vector<string> &items) {
    vector<size_t> out;
    for (auto &s : items) out.push_back(s.length());
    return out;
}

bool contains_all(const vector<string> &items, const vector<string> &wanted) {
    set<string> have(items.begin(), items.end());
    return all_of(wanted.begin(), wanted.end(), [&](const string &w) { return have.count(w); });
}
