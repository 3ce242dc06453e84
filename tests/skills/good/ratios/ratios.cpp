#include <cmath>
#include <limits>
#include <vector>

double ratio(double a, double b) { return a / b; }

float half(float x) { return x / 2; }

std::vector<double> reciprocals(const std::vector<double> &values) {
    std::vector<double> out;
    out.reserve(values.size());
    for (double v : values) out.push_back(1.0 / v);
    return out;
}

float largest(const std::vector<float> &values) {
    float best = -std::numeric_limits<float>::infinity();
    for (float v : values) best = std::fmax(best, v);
    return best;
}
