#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#if __cplusplus >= 202002L
#include <span>
template <typename T> using Sequence = std::span<const T>;
auto twofold(auto x) { return x + x; }
#else
template <typename T> using Sequence = std::vector<T>;
template <typename T> T twofold(T x) { return x + x; }
#endif

// Characters
char32_t next_char(char32_t c) { return c + 1; }
wchar_t wide(const wchar_t &c) { return c; }
char ascii(char c) { return c; }
char beyond() { return static_cast<char>(0xe9); }
std::u32string reversed(const std::u32string &s) { return {s.rbegin(), s.rend()}; }
std::vector<char32_t> code_points(std::u32string_view s) { return {s.begin(), s.end()}; }
std::vector<char> letters(std::vector<char> s) { return s; }
std::vector<char32_t> spanned(Sequence<char32_t> s) { return {s.begin(), s.end()}; }

// Tuples
std::tuple<std::uint8_t, std::uint64_t, std::uint8_t>
padded(const std::tuple<std::uint8_t, std::uint64_t, std::uint8_t> &t) {
    return t;
}
std::pair<std::string, int> swapped(std::pair<int, std::string> p) { return {p.second, p.first}; }
std::array<double, 3> cross(std::array<double, 3> a) { return {a[2], a[1], a[0]}; }
std::tuple<const std::string &, int> tied(const std::string &s) { return {s, 1}; }
std::vector<std::tuple<int, std::vector<std::string>>>
nested_tuple(std::vector<std::tuple<int, std::vector<std::string>>> &&x) {
    return std::move(x);
}
std::tuple<int> single(std::tuple<int> x) { return x; }

// Options
std::optional<int> half(std::optional<int> x) {
    if (x && *x % 2 == 0) return *x / 2;
    return {};
}
const int *pointed(const int *x) { return x; }
double *raw(double *x) {
    if (x) *x += 1;
    return x;
}
const char *text_or_null(const char *s) { return s; }
std::optional<std::string> string_pointer(const std::string *s) {
    return s ? std::optional(*s + "!") : std::nullopt;
}
std::unique_ptr<std::string> owner(std::unique_ptr<std::string> s) { return s; }
std::shared_ptr<const int> shared(const std::shared_ptr<int> &x) { return x; }
std::optional<std::optional<std::uint64_t>> twice(std::optional<std::optional<std::uint64_t>> x) {
    return x;
}
std::vector<std::optional<double>> gaps(const std::vector<std::optional<double>> &x) { return x; }

// Results
std::variant<int, std::string> parse(const std::string &s) {
    if (s.empty()) return std::string("empty");
    return std::stoi(s);
}
std::variant<std::string, int> error_first(int x) {
    if (x < 0) return "negative";
    return x;
}
int plain(const std::string &s) {
    if (s == "memory") throw std::bad_alloc();
    if (s == "int") throw 5;
    return std::stoi(s);
}
void plain_void(int x) {
    if (x < 0) throw std::runtime_error("below zero");
}
std::vector<std::string> plain_unit(int n) {
    if (n < 0) throw std::runtime_error("lost");
    return std::vector<std::string>(static_cast<std::size_t>(n), "x");
}
std::variant<std::monostate, std::string> nothing_or(const std::string &s) {
    if (s.empty()) return std::monostate();
    return s;
}
std::string either(std::variant<int, std::string> x) {
    return x.index() == 0 ? std::to_string(std::get<0>(x)) : std::get<1>(x);
}
std::variant<std::string, std::string> same(std::variant<std::string, std::string> x) { return x; }

// Records and enums
struct Point {
    double x;
    double y;
};
enum class Color { Red, DarkBlue = 7, Green = 2 };
enum level { LEVEL_LOW, LEVEL_HIGH };
class Item {
  public:
    std::string name;
    std::uint8_t itemCount = 0;
    std::optional<Point> place;
    Color color{};
    std::vector<std::string> tags;
    int not_in_the_interface = 4;
};
namespace shapes {
struct Segment {
    Point from, to;
};
}
struct Flat {
    std::uint8_t a;
    std::uint64_t b;
    std::uint8_t c;
};
struct Views {
    std::string_view name;
    Sequence<int> numbers;
};
template <typename T> struct Generic {
    T x, y;
};
Point mirror(Point p) { return {p.y, p.x}; }
const Point &same_point(const Point &p) { return p; }
Generic<double> generic(Generic<double> p) { return {p.y, p.x}; }
std::pair<double, double> as_pair(const std::pair<double, double> &p) { return p; }
shapes::Segment turn(const shapes::Segment &s) { return {s.to, s.from}; }
std::vector<Flat> flats(Sequence<Flat> x) { return {x.begin(), x.end()}; }
Views views(Views v) { return {v.name.substr(1), Sequence<int>(v.numbers.begin() + 1, v.numbers.end())}; }
Item item(Item &&i) {
    i.itemCount++;
    i.tags.push_back(std::to_string(i.not_in_the_interface));
    return std::move(i);
}
Color color(Color c) { return c; }
Color no_color() { return static_cast<Color>(5); }
level flip(level l) { return l == LEVEL_LOW ? LEVEL_HIGH : LEVEL_LOW; }
std::vector<Color> colors(const std::vector<Color> &c) { return c; }
std::optional<Point> centre(const std::vector<Point> &all) {
    if (all.empty()) return std::nullopt;
    Point sum{0, 0};
    for (const auto &p : all) sum.x += p.x, sum.y += p.y;
    const double n = static_cast<double>(all.size());
    return Point{sum.x / n, sum.y / n};
}
std::variant<Item, Color> fetch(std::map<std::string, Item> items, std::string_view name) {
    auto found = items.find(std::string(name));
    if (found == items.end()) return Color::DarkBlue;
    return found->second;
}

// Lists in other containers
std::map<std::string, int> counts(const std::map<std::string, int> &x) { return x; }
std::vector<std::pair<std::string, int>> ordered(std::unordered_map<std::string, int> x) {
    return {{"b", x["b"]}, {"a", x["a"]}};
}
std::multimap<int, std::string> multi(std::multimap<int, std::string> x) { return x; }
std::set<int> distinct(std::set<int> x) { return x; }
std::size_t how_many(const std::unordered_set<std::string> &x) { return x.size(); }
std::array<int, 3> three(std::array<int, 3> x) { return x; }
std::vector<std::array<std::string, 2>> couples(std::vector<std::array<std::string, 2>> x) {
    return x;
}
std::vector<std::optional<std::tuple<Point, std::vector<std::string>>>>
deep(const std::vector<std::optional<std::tuple<Point, std::vector<std::string>>>> &x) {
    return x;
}

// Declared more than once, or as templates
auto deduced(std::optional<int> x) { return x ? std::pair(true, *x) : std::pair(false, 0); }
int over(std::optional<int> x) { return x.value_or(-1); }
int over(std::pair<int, int> x) { return x.first * x.second; }
int over(const std::tuple<int, std::string> &x) { return std::get<0>(x); }
std::string over(Color) { return "color"; }
std::string over(const Point &) { return "point"; }
template <typename T> T biggest(const std::vector<T> &x) {
    T most = x.at(0);
    for (const T &one : x)
        if (most < one) most = one;
    return most;
}
template <typename A, typename B> std::pair<B, A> turned(A a, B b) { return {b, a}; }
template <typename T> void bump(std::vector<T> &x, T by) {
    for (T &one : x) one += by;
}
std::optional<Point> with_default(const Point &p, std::optional<double> scale = std::nullopt) {
    return Point{p.x * scale.value_or(2), p.y};
}

// Failures
std::vector<Point> many_points(std::uint32_t n) { return std::vector<Point>(n, Point{1, 2}); }
std::optional<Point> throws(const std::string &what) {
    if (what == "memory") throw std::bad_alloc();
    if (what == "int") throw 5;
    throw std::runtime_error(what);
}

int main() { return 0; }
