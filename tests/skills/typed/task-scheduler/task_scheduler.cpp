#include <algorithm>
#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

enum class Priority : uint8_t { Low, Normal, High, VeryUrgent };

struct Task {
    std::string title;
    Priority level = Priority::Normal;
    uint16_t minutes = 0;
    std::optional<uint8_t> due;

    bool operator<(const Task& other) const {
        if (level != other.level) return level < other.level;
        return minutes > other.minutes;
    }
};

std::vector<std::string> schedule(const std::vector<Task>& tasks) {
    std::priority_queue<Task> queue(tasks.begin(), tasks.end());
    std::vector<std::string> order;
    for (; !queue.empty(); queue.pop()) order.push_back(queue.top().title);
    return order;
}

std::vector<std::pair<Priority, int unsigned>> countLevels(const std::vector<Priority>& levels) {
    std::vector<std::pair<Priority, unsigned>> counts;
    for (Priority p : {Priority::Low, Priority::Normal, Priority::High, Priority::VeryUrgent})
        counts.emplace_back(p, std::count(levels.begin(), levels.end(), p));
    return counts;
}

std::optional<Priority> highest(std::vector<Priority> levels) {
    if (levels.empty()) return std::nullopt;
    return *std::max_element(levels.begin(), levels.end());
}

Priority promote(Priority level) {
    int up = std::min(static_cast<int>(level) + 1, static_cast<int>(Priority::VeryUrgent));
    return static_cast<Priority>(up);
}

std::optional<Task> mostPressing(std::vector<Task> tasks, uint16_t within) {
    std::erase_if(tasks, [within](const Task& t) { return t.minutes > within; });
    auto best = std::max_element(tasks.begin(), tasks.end());
    return best == tasks.end() ? std::nullopt : std::optional<Task>(*best);
}
