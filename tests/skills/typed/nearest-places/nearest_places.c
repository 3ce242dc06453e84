#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "saggar.h"

static float center_x, center_y;

static float distance_to(const saggar_place *p) {
    return hypotf(p->x - center_x, p->y - center_y);
}

static int by_distance(const void *a, const void *b) {
    float d = distance_to(a), e = distance_to(b);
    return (d > e) - (d < e);
}

/* The names still belong to the caller: only the list is new. */
saggar_list_place nearest(saggar_list_place places, float x, float y, uint8_t k) {
    center_x = x;
    center_y = y;
    saggar_place *sorted = malloc((places.len + 1) * sizeof *sorted);
    memcpy(sorted, places.data, places.len * sizeof *sorted);
    qsort(sorted, places.len, sizeof *sorted, by_distance);
    return (saggar_list_place){sorted, places.len < k ? places.len : k};
}

saggar_option_string nearest_name(saggar_list_place places, float x, float y) {
    saggar_list_place first = nearest(places, x, y, 1);
    saggar_option_string name = {.some = first.len == 1};
    if (name.some) {
        name.value.data = strdup(first.data[0].name.data);
        name.value.len = strlen(name.value.data);
    }
    free(first.data);
    return name;
}

saggar_list_f32 distances(saggar_list_place places, float x, float y) {
    saggar_list_f32 out = {malloc((places.len + 1) * sizeof(float)), places.len};
    center_x = x;
    center_y = y;
    for (size_t i = 0; i < places.len; i++) out.data[i] = distance_to(&places.data[i]);
    return out;
}
