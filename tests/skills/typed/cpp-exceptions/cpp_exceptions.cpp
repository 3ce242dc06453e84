#include <cstdint>
#include <exception>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace math {

struct Fraction {
    std::int64_t top{0};
    std::int64_t bottom{1};
};

class FractionError : public std::exception {
public:
    FractionError(std::string what) : what_(std::move(what)) {}
    const char* what() const noexcept override { return what_.c_str(); }

private:
    std::string what_;
};

static std::string show(const Fraction& f) {
    std::ostringstream out;
    out << f.top;
    if (f.bottom != 1) out << '/' << f.bottom;
    return out.str();
}
static std::string show(std::int64_t top, std::int64_t bottom) {
    return std::to_string(top) + "/" + std::to_string(bottom);
}

template <typename T>
static int sign_of(T x) {
    return (T(0) < x) - (x < T(0));
}

}  // namespace math

using math::Fraction;

Fraction make(std::int64_t top, std::int64_t bottom) {
    if (bottom == 0) throw math::FractionError("zero denominator in " + math::show(top, bottom));
    std::int64_t g = std::gcd(top, bottom), sign = math::sign_of(bottom);
    return {sign * top / g, sign * bottom / g};
}

Fraction add(const Fraction& a, const Fraction& b) {
    return make(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
}

Fraction at(const std::vector<Fraction>& values, unsigned index) { return values.at(index); }

std::optional<Fraction> parse(const std::string& text) {
    std::istringstream in(text);
    std::int64_t top = 0, bottom = 0;
    char slash = 0;
    if (!(in >> top >> slash >> bottom) || slash != '/') return std::nullopt;
    return make(top, bottom);
}

std::string toText(Fraction f) { return math::show(f); }

void ensurePositive(const Fraction& f) {
    if (math::sign_of(f.top) * math::sign_of(f.bottom) <= 0)
        throw std::domain_error(math::show(f.top, f.bottom) + " is not positive");
}
