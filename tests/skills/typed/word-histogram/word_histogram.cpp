#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

typedef std::vector<std::pair<std::string, uint64_t>> Counts;

static Counts flatten(const std::map<std::string, uint64_t> &counts) {
    return Counts(counts.begin(), counts.end());
}

Counts histogram(std::string_view text) {
    std::map<std::string, uint64_t> counts;
    std::string word;
    auto flush = [&] {
        if (!word.empty()) counts[word]++;
        word.clear();
    };
    for (unsigned char c : text) {
        if (std::isalpha(c))
            word += static_cast<char>(std::tolower(c));
        else
            flush();
    }
    flush();
    return flatten(counts);
}

Counts add_counts(const Counts &a, const Counts &b) {
    std::map<std::string, uint64_t> sum;
    for (const auto &[word, n] : a) sum[word] += n;
    for (const auto &[word, n] : b) sum[word] += n;
    return flatten(sum);
}

std::optional<uint64_t> lookup(const Counts &counts, const std::string &word) {
    for (const auto &entry : counts)
        if (entry.first == word) return entry.second;
    return std::nullopt;
}

std::vector<std::string> longest_words(const std::vector<std::string> &words) {
    size_t most = 0;
    for (const auto &w : words) most = w.size() > most ? w.size() : most;
    std::vector<std::string> out;
    for (const auto &w : words)
        if (w.size() == most) out.push_back(w);
    return out;
}
