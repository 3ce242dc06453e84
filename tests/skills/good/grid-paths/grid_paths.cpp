#include <cstdint>
#include <queue>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

class Grid {
public:
    Grid(uint32_t width, uint32_t height, std::span<const bool> walls)
        : width_(width), height_(height), walls_(walls) {
        uint64_t cells = uint64_t{width} * height;
        if (cells == 0 || walls.size() != cells)
            throw std::invalid_argument("expected " + std::to_string(cells) + " cells, got " +
                                        std::to_string(walls.size()));
    }

    bool open(int64_t x, int64_t y) const {
        return x >= 0 && y >= 0 && x < width_ && y < height_ && !walls_[y * width_ + x];
    }
    int64_t width() const { return width_; }
    int64_t height() const { return height_; }

private:
    int64_t width_, height_;
    std::span<const bool> walls_;
};

uint64_t count_paths(uint32_t width, uint32_t height, std::span<const bool> walls) {
    Grid grid(width, height, walls);
    std::vector<uint64_t> ways(width, 0);
    ways[0] = 1;
    for (int64_t y = 0; y < grid.height(); ++y)
        for (int64_t x = 0; x < grid.width(); ++x) {
            if (!grid.open(x, y))
                ways[x] = 0;
            else if (x > 0)
                ways[x] += ways[x - 1];
        }
    return ways.back();
}

int shortest_path(uint32_t width, uint32_t height, std::span<const bool> walls) {
    Grid grid(width, height, walls);
    if (!grid.open(0, 0)) return -1;
    std::vector<int> distance(walls.size(), -1);
    std::queue<std::pair<int64_t, int64_t>> queue;
    distance[0] = 0;
    queue.push({0, 0});
    const int steps[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    while (!queue.empty()) {
        auto [x, y] = queue.front();
        queue.pop();
        for (auto [dx, dy] : steps) {
            int64_t nx = x + dx, ny = y + dy;
            if (!grid.open(nx, ny) || distance[ny * width + nx] >= 0) continue;
            distance[ny * width + nx] = distance[y * width + x] + 1;
            queue.push({nx, ny});
        }
    }
    return distance.back();
}
