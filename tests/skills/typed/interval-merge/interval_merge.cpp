#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

using Interval = std::pair<int, int>;

std::vector<Interval> merge(std::vector<Interval> intervals) {
    std::sort(intervals.begin(), intervals.end());
    std::vector<Interval> merged;
    for (const auto& iv : intervals) {
        if (!merged.empty() && iv.first <= merged.back().second) {
            merged.back().second = std::max(merged.back().second, iv.second);
        } else {
            merged.push_back(iv);
        }
    }
    return merged;
}

long long covered(const std::vector<std::pair<int, int>>& intervals) {
    long long total = 0;
    for (auto [lo, hi] : merge(intervals)) total += static_cast<long long>(hi) - lo;
    return total;
}

std::vector<Interval> insert(std::vector<Interval>& intervals, Interval newInterval) {
    intervals.push_back(newInterval);
    return merge(intervals);
}

std::optional<Interval> widest(const std::vector<Interval>& intervals) {
    if (intervals.empty()) return std::nullopt;
    auto width = [](const Interval& iv) { return (long)iv.second - iv.first; };
    return *std::max_element(intervals.begin(), intervals.end(),
                             [&](const Interval& a, const Interval& b) { return width(a) < width(b); });
}
