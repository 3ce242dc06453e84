#include <bits/stdc++.h>
using namespace std;

using Edges = vector<pair<uint32_t, uint32_t>>;

static vector<vector<uint32_t>> layers(uint32_t count, const Edges &edges) {
    vector<vector<uint32_t>> graph(count), out;
    vector<int> indegree(count, 0);
    for (auto [from, to] : edges) {
        graph[from].push_back(to);
        indegree[to]++;
    }
    vector<uint32_t> ready;
    for (uint32_t i = 0; i < count; i++)
        if (indegree[i] == 0) ready.push_back(i);
    while (!ready.empty()) {
        sort(ready.begin(), ready.end());
        out.push_back(ready);
        vector<uint32_t> next;
        for (auto node : ready)
            for (auto to : graph[node])
                if (--indegree[to] == 0) next.push_back(to);
        ready = next;
    }
    return out;
}

// Either the order or the nodes that no order reaches.
variant<vector<uint32_t>, vector<uint32_t>> order(uint32_t count, Edges edges) {
    vector<uint32_t> all;
    for (auto &layer : layers(count, edges)) all.insert(all.end(), layer.begin(), layer.end());
    if (all.size() == count)
        return variant<vector<uint32_t>, vector<uint32_t>>(in_place_index<0>, all);
    set<uint32_t> done(all.begin(), all.end());
    vector<uint32_t> stuck;
    for (uint32_t i = 0; i < count; i++)
        if (!done.count(i)) stuck.push_back(i);
    return variant<vector<uint32_t>, vector<uint32_t>>(in_place_index<1>, stuck);
}

vector<vector<uint32_t>> levels(uint32_t count, const Edges &edges) { return layers(count, edges); }

bool has_cycle(uint32_t count, const vector<pair<unsigned, unsigned>> &edges) {
    size_t reached = 0;
    for (const auto &layer : layers(count, edges)) reached += layer.size();
    return reached < count;
}
