#include <bits/stdc++.h>
using namespace std;

enum class Cell { dead, alive };

static int neighbours(const vector<vector<bool>> &grid, int r, int c) {
    int n = 0;
    for (int dr = -1; dr <= 1; dr++)
        for (int dc = -1; dc <= 1; dc++) {
            int y = r + dr, x = c + dc;
            if ((dr || dc) && y >= 0 && x >= 0 && y < (int)grid.size() && x < (int)grid[y].size())
                n += grid[y][x];
        }
    return n;
}

vector<vector<bool>> nextStep(const vector<vector<bool>> &grid) {
    auto next = grid;
    for (size_t r = 0; r < grid.size(); r++)
        for (size_t c = 0; c < grid[r].size(); c++) {
            int n = neighbours(grid, r, c);
            next[r][c] = n == 3 || (grid[r][c] && n == 2);
        }
    return next;
}

int unsigned population(const vector<vector<bool>> &grid) {
    return accumulate(grid.begin(), grid.end(), 0u, [](unsigned n, const vector<bool> &row) {
        return n + static_cast<unsigned>(count(row.begin(), row.end(), true));
    });
}

vector<vector<bool>> run(vector<vector<bool>> &grid, unsigned char generations) {
    while (generations--) grid = nextStep(grid);
    return grid;
}

vector<vector<Cell>> cells(const vector<vector<bool>> &grid) {
    vector<vector<Cell>> out;
    for (auto &row : grid) {
        out.emplace_back();
        for (bool alive : row) out.back().push_back(alive ? Cell::alive : Cell::dead);
    }
    return out;
}

vector<string> show(const vector<vector<Cell>> &grid) {
    vector<string> lines;
    for (auto &row : grid) {
        string line;
        for (Cell c : row) line += c == Cell::alive ? '#' : '.';
        lines.push_back(line);
    }
    return lines;
}
