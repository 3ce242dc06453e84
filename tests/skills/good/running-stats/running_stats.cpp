#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

namespace {

// Welford's method: one pass, no cancellation.
class Accumulator {
public:
    void add(double x) {
        ++n_;
        double delta = x - mean_;
        mean_ += delta / static_cast<double>(n_);
        m2_ += delta * (x - mean_);
    }
    double mean() const { return mean_; }
    double variance() const {
        if (n_ < 2) return std::numeric_limits<double>::quiet_NaN();
        return m2_ / static_cast<double>(n_ - 1);
    }

private:
    std::size_t n_ = 0;
    double mean_ = 0.0;
    double m2_ = 0.0;
};

Accumulator accumulate(std::span<const double> values) {
    if (values.empty()) throw std::invalid_argument("no values");
    Accumulator acc;
    for (double v : values) acc.add(v);
    return acc;
}

}  // namespace

double mean(std::span<const double> values) { return accumulate(values).mean(); }

double std_dev(std::span<const double> values) { return std::sqrt(accumulate(values).variance()); }

std::vector<double> rolling_mean(std::span<const double> values, std::uint32_t window) {
    if (window == 0) throw std::out_of_range("window must be at least 1");
    std::vector<double> out;
    for (std::size_t i = 0; i + window <= values.size(); ++i) {
        double sum = 0.0;
        for (double v : values.subspan(i, window)) sum += v;
        out.push_back(sum / window);
    }
    return out;
}
