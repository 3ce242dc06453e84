#include <algorithm>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

unsigned distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<int>> dp(a.size() + 1, std::vector<int>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
        for (size_t j = 0; j <= b.size(); ++j) {
            if (i == 0) dp[i][j] = j;
            else if (j == 0) dp[i][j] = i;
            else {
                int cost = a[i - 1] != b[j - 1];
                dp[i][j] = std::min({dp[i - 1][j] + 1, dp[i][j - 1] + 1, dp[i - 1][j - 1] + cost});
            }
        }
    }
    return dp[a.size()][b.size()];
}

std::optional<std::string> closest(const std::string& word, const std::vector<std::string>& candidates) {
    auto it = std::min_element(candidates.begin(), candidates.end(),
                               [&](const std::string& x, const std::string& y) {
                                   return ::distance(word, x) < ::distance(word, y);
                               });
    if (it == candidates.end()) return std::nullopt;
    return *it;
}

std::vector<std::vector<uint8_t>> allDistances(std::vector<std::string> words) {
    std::vector<std::vector<uint8_t>> rows;
    for (const auto& a : words) {
        rows.emplace_back();
        for (const auto& b : words) rows.back().push_back(::distance(a, b));
    }
    return rows;
}

float similarity(const char* a, const char* b) {
    std::string x = a, y = b;
    size_t longest = std::max(x.size(), y.size());
    if (longest == 0) return 1.0f;
    return 1.0f - float(::distance(x, y)) / longest;
}

int main() {
    std::cout << ::distance("kitten", "sitting") << std::endl;
    return 0;
}
