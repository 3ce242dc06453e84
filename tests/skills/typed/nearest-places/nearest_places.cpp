#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct Place {
    std::string name;
    float x;
    float y;
};

std::vector<Place> nearest(std::vector<Place> places, float x, float y, std::uint8_t k) {
    auto squared = [=](const Place& p) { return (p.x - x) * (p.x - x) + (p.y - y) * (p.y - y); };
    std::stable_sort(places.begin(), places.end(),
                     [&](const Place& a, const Place& b) { return squared(a) < squared(b); });
    if (places.size() > k) places.erase(places.begin() + k, places.end());
    return places;
}

std::optional<std::string> nearestName(const std::vector<Place>& places, float x, float y) {
    auto first = nearest(places, x, y, 1);
    return first.empty() ? std::nullopt : std::make_optional(first.front().name);
}

std::vector<float> distances(const std::vector<Place>& places, float x, float y) {
    std::vector<float> out(places.size());
    std::transform(places.begin(), places.end(), out.begin(),
                   [=](const auto& p) { return std::hypot(p.x - x, p.y - y); });
    return out;
}
