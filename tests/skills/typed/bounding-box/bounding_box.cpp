#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

namespace geometry {

struct Point {
    double x, y;
    Point(double x = 0.0, double y = 0.0) : x(x), y(y) {}
    Point operator+(const Point& o) const { return {x + o.x, y + o.y}; }
};

struct Rect {
    Point low;
    Point high;
};

}  // namespace geometry

using namespace geometry;

std::optional<Rect> boundingBox(const std::vector<Point>& points) {
    if (points.empty()) return {};
    const double inf = std::numeric_limits<double>::infinity();
    Rect box{{inf, inf}, {-inf, -inf}};
    for (const auto& p : points) {
        box.low = Point(std::min(box.low.x, p.x), std::min(box.low.y, p.y));
        box.high = Point(std::max(box.high.x, p.x), std::max(box.high.y, p.y));
    }
    return box;
}

Point centroid(std::vector<Point> points) {
    Point sum;
    for (auto& p : points) sum = sum + p;
    double n = points.size();
    return Point(sum.x / n, sum.y / n);
}

bool contains(const Rect& box, const geometry::Point& p) {
    return p.x >= box.low.x && p.x <= box.high.x && p.y >= box.low.y && p.y <= box.high.y;
}

std::vector<Point> corners(Rect box) {
    return {box.low, Point(box.high.x, box.low.y), box.high, Point(box.low.x, box.high.y)};
}
