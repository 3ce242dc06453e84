#include "saggar.h"
#include <math.h>
#include <stdlib.h>

saggar_option_rect bounding_box(saggar_list_point points) {
    saggar_option_rect box = {.some = points.len > 0};
    if (!box.some) return box;
    box.value.low = box.value.high = points.data[0];
    for (size_t i = 1; i < points.len; i++) {
        saggar_point p = points.data[i];
        box.value.low.x = fmin(box.value.low.x, p.x);
        box.value.low.y = fmin(box.value.low.y, p.y);
        box.value.high.x = fmax(box.value.high.x, p.x);
        box.value.high.y = fmax(box.value.high.y, p.y);
    }
    return box;
}

saggar_point centroid(saggar_list_point points) {
    saggar_point sum = {0, 0};
    for (size_t i = 0; i < points.len; i++) {
        sum.x += points.data[i].x;
        sum.y += points.data[i].y;
    }
    double n = (double)points.len;
    return (saggar_point){sum.x / n, sum.y / n};
}

bool contains(saggar_rect box, saggar_point p) {
    return p.x >= box.low.x && p.x <= box.high.x && p.y >= box.low.y && p.y <= box.high.y;
}

saggar_list_point corners(saggar_rect box) {
    saggar_point *data = malloc(4 * sizeof *data);
    data[0] = box.low;
    data[1] = (saggar_point){box.high.x, box.low.y};
    data[2] = box.high;
    data[3] = (saggar_point){box.low.x, box.high.y};
    return (saggar_list_point){data, 4};
}
