#include <stdlib.h>

#include "saggar.h"

typedef saggar_list_list_bool grid_t;

static grid_t blank(grid_t like) {
    grid_t out = {malloc((like.len + 1) * sizeof(saggar_list_bool)), like.len};
    for (size_t r = 0; r < like.len; r++)
        out.data[r] = (saggar_list_bool){calloc(like.data[r].len + 1, 1), like.data[r].len};
    return out;
}

static void release(grid_t grid) {
    for (size_t r = 0; r < grid.len; r++) free(grid.data[r].data);
    free(grid.data);
}

static int neighbours(grid_t grid, size_t r, size_t c) {
    int n = 0;
    for (size_t y = r ? r - 1 : 0; y <= r + 1 && y < grid.len; y++)
        for (size_t x = c ? c - 1 : 0; x <= c + 1 && x < grid.data[y].len; x++)
            if (y != r || x != c) n += grid.data[y].data[x];
    return n;
}

grid_t next_step(grid_t grid) {
    grid_t next = blank(grid);
    for (size_t r = 0; r < grid.len; r++)
        for (size_t c = 0; c < grid.data[r].len; c++) {
            int n = neighbours(grid, r, c);
            next.data[r].data[c] = n == 3 || (n == 2 && grid.data[r].data[c]);
        }
    return next;
}

uint32_t population(saggar_list_list_bool grid) {
    uint32_t n = 0;
    for (size_t r = 0; r < grid.len; r++)
        for (size_t c = 0; c < grid.data[r].len; c++) n += grid.data[r].data[c];
    return n;
}

grid_t run(grid_t grid, uint8_t generations) {
    grid_t now = grid;
    for (unsigned i = 0; i < generations; i++) {
        grid_t next = next_step(now);
        if (i > 0) release(now);
        now = next;
    }
    return now;
}

saggar_list_list_cell cells(saggar_list_list_bool grid) {
    saggar_list_list_cell out = {malloc((grid.len + 1) * sizeof(saggar_list_cell)), grid.len};
    for (size_t r = 0; r < grid.len; r++) {
        size_t n = grid.data[r].len;
        out.data[r] = (saggar_list_cell){malloc((n + 1) * sizeof(saggar_cell)), n};
        for (size_t c = 0; c < n; c++)
            out.data[r].data[c] = grid.data[r].data[c] ? SAGGAR_CELL_ALIVE : SAGGAR_CELL_DEAD;
    }
    return out;
}

saggar_list_string show(saggar_list_list_cell grid) {
    saggar_list_string lines = {malloc((grid.len + 1) * sizeof(saggar_string)), grid.len};
    for (size_t r = 0; r < grid.len; r++) {
        size_t n = grid.data[r].len;
        lines.data[r] = (saggar_string){malloc(n + 1), n};
        for (size_t c = 0; c < n; c++)
            lines.data[r].data[c] = grid.data[r].data[c] == SAGGAR_CELL_ALIVE ? '#' : '.';
    }
    return lines;
}
