#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "saggar.h"

typedef saggar_tuple_product_u32 shelf_t;

uint64_t total(saggar_list_warehouse warehouses) {
    uint64_t sum = 0;
    for (size_t i = 0; i < warehouses.len; i++)
        for (size_t k = 0; k < warehouses.data[i].shelves.len; k++)
            sum += warehouses.data[i].shelves.data[k].f1;
    return sum;
}

static bool same(saggar_string a, saggar_string b) {
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static shelf_t *find(saggar_warehouse house, saggar_string sku) {
    for (size_t k = 0; k < house.shelves.len; k++)
        if (same(house.shelves.data[k].f0.sku, sku)) return &house.shelves.data[k];
    return NULL;
}

saggar_option_product find_sku(saggar_list_warehouse warehouses, saggar_string sku) {
    saggar_option_product found = {.some = false};
    for (size_t i = 0; i < warehouses.len && !found.some; i++) {
        const shelf_t *shelf = find(warehouses.data[i], sku);
        if (shelf) {
            found.some = true;
            found.value = shelf->f0;
        }
    }
    return found;
}

static saggar_result_warehouse_string refused(const char *text) {
    saggar_result_warehouse_string result = {.is_err = true};
    result.err.data = strdup(text);
    result.err.len = strlen(text);
    return result;
}

/* The warehouse given is changed in a copy of its shelves; their texts are shared. */
saggar_result_warehouse_string take(saggar_warehouse from_house, saggar_string sku, uint32_t count) {
    char why[256];
    saggar_list_tuple_product_u32 shelves = from_house.shelves;
    shelves.data = malloc((shelves.len + 1) * sizeof(shelf_t));
    for (size_t k = 0; k < shelves.len; k++) shelves.data[k] = from_house.shelves.data[k];
    from_house.shelves = shelves;
    shelf_t *shelf = find(from_house, sku);
    if (!shelf || shelf->f1 < count) {
        if (shelf)
            snprintf(why, sizeof why, "only %u of %s in %s", shelf->f1, sku.data, from_house.city.data);
        else
            snprintf(why, sizeof why, "no %s in %s", sku.data, from_house.city.data);
        free(shelves.data);
        return refused(why);
    }
    shelf->f1 -= count;
    shelf->f0.state = shelf->f1 == 0  ? SAGGAR_STOCK_STATE_SOLD_OUT
                      : shelf->f1 < 5 ? SAGGAR_STOCK_STATE_LOW
                                      : SAGGAR_STOCK_STATE_IN_STOCK;
    saggar_result_warehouse_string result = {.is_err = false};
    result.ok = from_house;
    return result;
}

saggar_list_list_string tags(saggar_warehouse house) {
    size_t n = house.shelves.len;
    saggar_list_list_string all = {malloc((n + 1) * sizeof(saggar_list_string)), n};
    for (size_t k = 0; k < n; k++) all.data[k] = house.shelves.data[k].f0.tags;
    return all;
}
