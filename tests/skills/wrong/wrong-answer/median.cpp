#include <algorithm>
#include <stdexcept>
#include <vector>

double median(std::vector<double> values) {
    if (values.empty()) throw std::invalid_argument("no values");
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}
