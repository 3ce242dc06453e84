#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

// Containers and classes of the source's own
template <typename T, unsigned long N> struct Static {
    using value_type = T;
    T items[N];
    std::size_t n = 0;
    void push_back(T x) { items[n++] = std::move(x); }
    std::size_t size() const { return n; }
    T &operator[](std::size_t i) { return items[i]; }
    const T *begin() const { return items; }
    const T *end() const { return items + n; }
};
template <class T, class E> class Res {
    std::variant<T, E> v;

  public:
    Res(std::variant<T, E> x) : v(x) {}
    bool has_value() const { return v.index() == 0; }
    const T &operator*() const { return std::get<0>(v); }
    const E &error() const { return std::get<1>(v); }
};
Static<std::string, 4> stat(Static<std::string, 4> x) { return x; }
Res<int, std::string> mine(int x) {
    if (x < 0) return std::variant<int, std::string>(std::string("neg"));
    return std::variant<int, std::string>(x);
}
double sum(std::vector<double> v) {
    double s = 0;
    for (auto x : v) s += x;
    return s;
}

// Points of every kind
struct Point {
    double x, y;
};
struct Base {
    double x = 0;
};
struct Derived : Base {
    double y = 0;
};
struct Made {
    double x, y;
    Made() : x(0), y(0) {}
    Made(double a, double b) : x(a), y(b) {}
    double norm() const { return x; }
};
struct Unmoved {
    double x, y;
    Unmoved(double a, double b) : x(a), y(b) {}
    Unmoved(Unmoved &&) = delete;
};
struct Virtual {
    double x = 0, y = 0;
    virtual ~Virtual() {}
    virtual int f() { return 1; }
};
Derived base(Derived d) { return d; }
Made methods(const Made &m) { return m; }
Unmoved nomove() { return Unmoved(1, 2); }
const Made cv() { return Made(1, 2); }
Virtual virt(Virtual v) { return v; }
std::optional<Made> opt_rec(const std::optional<Made> &m) { return m; }
std::shared_ptr<Made> opt_ptr(const Made *m) { return m ? std::make_shared<Made>(*m) : nullptr; }
template <class T> T gen_rec(const std::vector<T> &v) { return v.at(0); }
struct Flat {
    unsigned char a;
    unsigned long long b;
    unsigned char c;
};
const Flat *fl(const std::vector<Flat> &x) { return &x[0]; }

// Enums
class Outer {
  public:
    enum class Colour : unsigned char { RED = 200, DARK_BLUE = 3, GREEN = 17 };
};
typedef enum { COLOR_RED, COLOR_DARK_BLUE = -5, COLOR_GREEN } color_t;
Outer::Colour inner(Outer::Colour c) { return c; }
color_t typed(color_t c) { return c; }

// Nested
std::vector<std::unique_ptr<std::string>> moved(std::vector<std::unique_ptr<std::string>> x) {
    return x;
}
std::wstring wstr(const std::wstring &s) { return s; }
std::vector<std::pair<bool, std::vector<bool>>>
bools(std::vector<std::pair<bool, std::vector<bool>>> x) {
    return x;
}
std::tuple<std::string, char32_t> nul(const std::tuple<std::string_view, char> &t) {
    return {std::string(std::get<0>(t)), static_cast<char32_t>(std::get<1>(t))};
}
using Towns = std::map<int, std::map<std::string, Made>>;
Towns maps(const Towns &x) { return x; }
using Inner = std::variant<Outer::Colour, std::monostate>;
using Nested = std::variant<std::optional<std::vector<Made>>, Inner>;
Nested nested(Nested x) { return x; }
using Empty = std::tuple<std::vector<int>, std::string_view, std::vector<std::vector<Made>>>;
Empty zero(const Empty &x) { return x; }

// Failures and defaults
Made ok_rec(int x) {
    if (x < 0) throw std::runtime_error("thrown");
    return Made(1, 2);
}
std::vector<std::string> throw_in(int x) {
    if (x < 0) throw std::runtime_error("thrown");
    return {"a"};
}
const char *ret_null() { return nullptr; }
int multi(std::optional<int> a, std::optional<int> b = {}, std::pair<int, int> c = {0, 0}) {
    return c.first + c.second + (c.first || b ? 0 : *a);
}
