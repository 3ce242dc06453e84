#include <algorithm>
#include <cstddef>
#include <vector>

std::size_t longest_run(const std::vector<int> &values) {
    std::size_t best = 0, run = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        run = i > 0 && values[i] == values[i - 1] ? run + 1 : 1;
        best = std::max(best, run);
    }
    return best;
}
