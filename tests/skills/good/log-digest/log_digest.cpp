#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

using Row = std::vector<std::string_view>;
using Counts = std::unordered_map<std::string_view, std::size_t>;
using Ranked = std::vector<std::pair<std::string_view, std::size_t>>;

static Row split(std::string_view text, char separator) {
    Row parts;
    for (;;) {
        std::size_t at = text.find(separator);
        if (at == std::string_view::npos) {
            parts.push_back(text);
            return parts;
        }
        parts.push_back(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
}

// Most frequent first; names break ties.
static Ranked ranked(const Counts &counts) {
    Ranked order(counts.begin(), counts.end());
    std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return order;
}

static std::string text(std::string_view view) { return std::string(view); }

std::vector<std::string> digest(std::string_view log) {
    std::vector<Row> rows;
    for (std::string_view line : split(log, '\n')) {
        Row row = split(line, ' ');
        if (row.size() >= 5) rows.push_back(std::move(row));
    }
    std::vector<std::string> found;
    if (rows.empty()) return found;

    Counts actions, days, packages;
    std::map<std::string_view, std::string_view> states;
    for (const Row &row : rows) {
        bool is_status = row[2] == "status";
        ++actions[row[2]];
        ++days[row[0]];
        if (row[2] != "startup") ++packages[row[is_status ? 4 : 3]];
        if (is_status) states[row[4]] = row[3];
    }

    found.push_back(std::to_string(rows.size()) + " entries from " + text(rows.front()[0]) +
                    " to " + text(rows.back()[0]));
    for (auto [action, n] : ranked(actions))
        found.push_back("action " + text(action) + ": " + std::to_string(n));
    auto busiest = ranked(days).front();
    found.push_back("busiest day: " + text(busiest.first) + " with " +
                    std::to_string(busiest.second) + " entries");
    Ranked worked = ranked(packages);
    if (worked.size() > 5) worked.resize(5);
    for (auto [package, n] : worked)
        found.push_back("most worked on: " + text(package) + " with " + std::to_string(n) +
                        " entries");
    for (const Row &row : rows)
        if (row[2] == "upgrade" && row.size() >= 6)
            found.push_back("upgraded " + text(row[3]) + ": " + text(row[4]) + " to " +
                            text(row[5]));
    for (auto [package, state] : states)
        if (state != "installed") found.push_back("left " + text(state) + ": " + text(package));
    return found;
}
