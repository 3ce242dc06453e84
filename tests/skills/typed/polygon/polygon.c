#include <math.h>
#include <stddef.h>
#include <stdlib.h>

struct point {
    double x;
    double y;
};

double area(const struct point *polygon, size_t n) {
    double twice = 0.0;
    for (size_t i = 0; i < n; i++) {
        size_t j = i + 1 == n ? 0 : i + 1;
        twice += polygon[i].x * polygon[j].y - polygon[j].x * polygon[i].y;
    }
    return fabs(twice) / 2.0;
}

double perimeter(const struct point polygon[], int n) {
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        struct point a = polygon[i], b = polygon[(i + 1) % n];
        sum += sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
    }
    return sum;
}

struct point *translate(const struct point *polygon, size_t n, struct point by, size_t *out_len) {
    struct point *out = malloc((n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i].x = polygon[i].x + by.x;
        out[i].y = polygon[i].y + by.y;
    }
    *out_len = n;
    return out;
}

struct point midpoint(struct point a, struct point b) {
    struct point middle = {(a.x + b.x) / 2, (a.y + b.y) / 2};
    return middle;
}
