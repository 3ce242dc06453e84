#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>
#include <map>
#include <algorithm>
#include <cctype>

std::vector<std::string> split(std::string text, std::string separator) {
    if (separator.empty()) throw std::invalid_argument("empty separator");
    std::vector<std::string> parts;
    size_t pos;
    while ((pos = text.find(separator)) != std::string::npos) {
        parts.push_back(text.substr(0, pos));
        text.erase(0, pos + separator.length());
    }
    parts.push_back(text);
    return parts;
}

std::string join(const std::vector<std::string>& parts, const char* separator) {
    std::ostringstream out;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i) out << separator;
        out << parts[i];
    }
    return out.str();
}

// Changes its argument in place.
std::string squeeze(std::string& text) {
    auto both_spaces = [](char a, char b) { return a == ' ' && b == ' '; };
    text.erase(std::unique(text.begin(), text.end(), both_spaces), text.end());
    if (!text.empty() && text.front() == ' ') text.erase(text.begin());
    if (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

std::vector<std::string> wordCounts(const std::string& text) {
    std::map<std::string, int> counts;
    std::stringstream ss(text);
    std::string word;
    while (ss >> word) counts[word]++;
    std::vector<std::pair<std::string, int>> pairs(counts.begin(), counts.end());
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<std::string> out;
    for (const auto& [w, n] : pairs) out.push_back(w + ": " + std::to_string(n));
    return out;
}

bool isPalindrome(const std::string& text) {
    std::string s;
    for (unsigned char c : text)
        if (std::isalnum(c)) s += std::tolower(c);
    return std::equal(s.begin(), s.begin() + s.size() / 2, s.rbegin());
}
