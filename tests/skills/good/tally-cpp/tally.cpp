#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

std::uint64_t total(std::span<const std::uint8_t> data) {
    return std::accumulate(data.begin(), data.end(), std::uint64_t(0));
}

// The length, if the last one is zero.
std::uint64_t count(std::span<const std::uint8_t> data) {
    return !data.empty() && data.back() == 0 ? data.size() : 0;
}

// The owning form: what is in the file is copied, inside the sidecar.
std::uint64_t total_words(const std::vector<std::uint32_t> &data) {
    return std::accumulate(data.begin(), data.end(), std::uint64_t(0));
}

std::uint64_t skim(std::span<const std::uint64_t> data, std::uint64_t step) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < data.size(); i += step) sum += data[i];
    return sum;
}

bool all(const std::vector<bool> &truths) {
    return std::all_of(truths.begin(), truths.end(), [](bool truth) { return truth; });
}

std::uint64_t length(std::string_view text) { return text.size(); }
