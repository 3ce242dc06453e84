#include <bits/stdc++.h>
using namespace std;

vector<optional<double>> moving_average(const vector<double>& values, unsigned window) {
    vector<optional<double>> out;
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) {
        sum += values[i];
        if (i >= window) sum -= values[i - window];
        if (window == 0 || i + 1 < window)
            out.push_back(nullopt);
        else
            out.push_back(sum / window);
    }
    return out;
}

vector<double> fill_gaps(const vector<optional<double>>& values, optional<double> start) {
    vector<double> out;
    double last = start.value_or(0.0);
    for (const auto& v : values) {
        if (v) {
            last = *v;
        }
        out.push_back(last);
    }
    return out;
}

optional<float> mean(span<const float> values) {
    if (values.empty()) return nullopt;
    return accumulate(values.begin(), values.end(), 0.0f) / values.size();
}

optional<size_t> first_gap(vector<optional<double>> values) {
    auto it = find(values.begin(), values.end(), nullopt);
    if (it == values.end()) return nullopt;
    return it - values.begin();
}
