#include <bits/stdc++.h>
using namespace std;
using ull = unsigned long long;

struct Item {
    string name;
    uint16_t weight;
    uint32_t worth;
};

pair<uint32_t, vector<string>> knapsack(const vector<Item>& items, uint16_t capacity) {
    int n = items.size();
    vector<vector<uint32_t>> best(n + 1, vector<uint32_t>(capacity + 1, 0));
    for (int i = 1; i <= n; i++)
        for (int c = 0; c <= capacity; c++) {
            best[i][c] = best[i - 1][c];
            const Item& item = items[i - 1];
            if (item.weight <= c) best[i][c] = max(best[i][c], best[i - 1][c - item.weight] + item.worth);
        }
    vector<string> taken;
    for (int i = n, c = capacity; i > 0; i--) {
        if (best[i][c] == best[i - 1][c]) continue;
        taken.insert(taken.begin(), items[i - 1].name);
        c -= items[i - 1].weight;
    }
    return {best[n][capacity], taken};
}

vector<pair<ull, unsigned>> factors(ull n) {
    vector<pair<ull, unsigned>> out;
    for (ull p = 2; p * p <= n; p++) {
        unsigned k = 0;
        while (n % p == 0) n /= p, k++;
        if (k) out.push_back({p, k});
    }
    if (n > 1) out.emplace_back(n, 1);
    return out;
}

ull product(vector<pair<ull, unsigned>> factors) {
    ull n = 1;
    for (auto [p, k] : factors)
        while (k--) n *= p;
    return n;
}

struct UnionFind {
    vector<uint32_t> parent;
    explicit UnionFind(size_t n) : parent(n) { iota(parent.begin(), parent.end(), 0); }
    uint32_t root(uint32_t x) { return parent[x] == x ? x : parent[x] = root(parent[x]); }
    void join(uint32_t a, uint32_t b) {
        a = root(a), b = root(b);
        parent[max(a, b)] = min(a, b);
    }
};

vector<vector<uint32_t>> components(uint32_t count, const vector<pair<uint32_t, uint32_t>>& pairs) {
    UnionFind uf(count);
    for (auto& p : pairs) uf.join(p.first, p.second);
    map<uint32_t, vector<uint32_t>> groups;
    for (uint32_t i = 0; i < count; i++) groups[uf.root(i)].push_back(i);
    vector<vector<uint32_t>> out;
    for (auto& [root, members] : groups) out.push_back(members);
    return out;
}

optional<uint32_t> find(span<const int64_t> sorted, int64_t wanted) {
    auto it = lower_bound(sorted.begin(), sorted.end(), wanted);
    if (it == sorted.end() || *it != wanted) return nullopt;
    return it - sorted.begin();
}

optional<pair<uint32_t, uint32_t>> rangeOf(const vector<int64_t>& sorted, int64_t wanted) {
    auto [low, high] = equal_range(sorted.begin(), sorted.end(), wanted);
    if (low == high) return {};
    return pair<uint32_t, uint32_t>(low - sorted.begin(), high - sorted.begin());
}
