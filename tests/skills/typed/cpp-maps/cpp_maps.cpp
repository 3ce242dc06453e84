#include <bits/stdc++.h>
using namespace std;

map<string, size_t> countWords(const vector<string> &words) {
    map<string, size_t> counts;
    for (const auto &w : words) ++counts[w];
    return counts;
}

map<unsigned, string> invert(const unordered_map<string, unsigned> &mapOf) {
    map<unsigned, string> out;
    for (const auto &[text, number] : mapOf) out.emplace(number, text);
    return out;
}

set<int> unique(const vector<int> &values) { return set<int>(values.begin(), values.end()); }

array<uint8_t, 3> rotateRgb(array<uint8_t, 3> color) { return {color[2], color[0], color[1]}; }

deque<uint32_t> neighbours(const map<uint32_t, vector<uint32_t>> &graph, uint32_t node) {
    auto it = graph.find(node);
    if (it == graph.end()) return {};
    return deque<uint32_t>(it->second.begin(), it->second.end());
}
