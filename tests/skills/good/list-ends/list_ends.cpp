#include <bits/stdc++.h>
using namespace std;

vector<int8_t> minMaxBytes(span<const int8_t> values) {
    if (values.empty()) return {};
    auto [low, high] = minmax_element(values.begin(), values.end());
    return {*low, *high};
}

vector<int16_t> deltasOfShorts(const vector<int16_t> &values) {
    vector<int16_t> out;
    for (size_t i = 1; i < values.size(); i++) out.push_back(values[i] - values[i - 1]);
    return out;
}

vector<unsigned short> wrapShorts(vector<unsigned short> values, unsigned short by) {
    for (auto &v : values) v += by;
    return values;
}

vector<long long> prefixSums(span<const int> values) {
    vector<long long> out(values.size());
    long long sum = 0;
    for (size_t i = 0; i < values.size(); i++) out[i] = sum += values[i];
    return out;
}

// Rotates to the left, in place.
vector<int> rotate(vector<int> &values, int by) {
    int n = values.size();
    if (n == 0) return values;
    by = ((by % n) + n) % n;
    std::rotate(values.begin(), values.begin() + by, values.end());
    return values;
}

vector<int64_t> extremes() { return {numeric_limits<int64_t>::min(), numeric_limits<int64_t>::max()}; }

vector<unsigned long long> largestFirst(vector<unsigned long long> values) {
    sort(values.rbegin(), values.rend());
    return values;
}

vector<double> widen(const vector<float> &values) { return vector<double>(values.begin(), values.end()); }

vector<float> narrow(span<const double> values) {
    vector<float> out;
    for (double v : values) out.push_back(static_cast<float>(v));
    return out;
}
