#include <bits/stdc++.h>
using namespace std;

struct Point {
    double x = 0;
    double y = 0;
};

double area(span<const Point> polygon) {
    double twice = 0;
    for (size_t i = 0; i < polygon.size(); i++) {
        const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
        twice += a.x * b.y - b.x * a.y;
    }
    return fabs(twice) / 2;
}

double perimeter(const vector<Point> &polygon) {
    double sum = 0;
    int n = polygon.size();
    for (int i = 0, j = n - 1; i < n; j = i++)
        sum += hypot(polygon[i].x - polygon[j].x, polygon[i].y - polygon[j].y);
    return sum;
}

vector<Point> translate(vector<Point> polygon, const Point &by) {
    transform(polygon.begin(), polygon.end(), polygon.begin(),
              [&](const Point &p) { return Point{p.x + by.x, p.y + by.y}; });
    return polygon;
}

Point midpoint(Point a, Point b) { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }
