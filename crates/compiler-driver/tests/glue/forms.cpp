#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <list>
#include <numeric>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Strings
std::size_t view(std::string_view s) { return s.size(); }
std::string value(std::string s) { return s + "!"; }
std::string constRef(const std::string &s) { return s + s; }
std::string ref(std::string &s) { s += "?"; return s; }
std::string moved(std::string &&s) { return std::move(s); }
std::string pointer(const char *s) noexcept { return std::string(s) + "."; }
std::string const_value(const std::string s) { return s; }
std::string_view tail(const std::string &s) { return std::string_view(s).substr(1); }
const char *literal(bool yes) { return yes ? "yes" : nullptr; }
std::vector<char> chars_of(std::string_view s) { return {s.begin(), s.end()}; }

// Scalars
bool flip(bool x) { return !x; }
signed char s8(signed char x) { return x; }
std::int16_t s16(short x) { return x; }
int s32(const int &x) { return x; }
long s64(long long x) { return x; }
long long s64b(long x) { return x; }
unsigned char u8(std::uint8_t x) { return x; }
unsigned short u16(unsigned short x) { return x; }
unsigned u32(unsigned x) { return x; }
std::size_t u64(unsigned long long x) { return x; }
float f32(float x) { return x * 2; }
const double &f64(double &&x) { return x; }
std::uint64_t mixed(bool a, std::int8_t b, double c, std::string_view d, short e) {
    return static_cast<std::uint64_t>(a + b + static_cast<int>(c) + static_cast<int>(d.size()) + e);
}
int nothing() { return 7; }
void silent(int) {}

// Lists
int sum_span(std::span<const int> x) { return std::accumulate(x.begin(), x.end(), 0); }
std::vector<double> sorted_span(std::span<double> x) {
    std::vector<double> y(x.rbegin(), x.rend());
    return y;
}
std::vector<int> vec(std::vector<int> x) { return x; }
const std::vector<int> &vec_cref(const std::vector<int> &x) { return x; }
std::vector<int> vec_ref(std::vector<int> &x) { x.push_back(1); return x; }
std::vector<long long> vec_move(std::vector<long long> &&x) { return std::move(x); }
std::deque<short> deq(std::deque<short> x) { x.push_front(0); return x; }
std::list<unsigned char> lis(const std::list<unsigned char> &x) { return x; }
std::vector<bool> bools(std::vector<bool> x) { x.flip(); return x; }
std::array<bool, 2> two_bools(std::span<const bool> x) { return {x[0], x[1]}; }
std::array<double, 3> arr() { return {1.5, -0.0, 3}; }
std::span<const int> shown(const std::vector<int> &x) { return std::span(x).subspan(1); }
std::vector<std::vector<int>> grid(std::vector<std::vector<int>> x) {
    x.push_back({9, 8});
    return x;
}
long rows(std::span<const std::span<const int>> x) {
    long n = 0;
    for (auto row : x)
        for (int v : row) n += v;
    return n;
}
long rows_of(const std::vector<std::span<const int>> &x) { return static_cast<long>(x.size()); }
std::string span_strings(std::span<const std::string> x) {
    std::string all;
    for (const auto &s : x) all += s + "|";
    return all;
}
std::vector<std::string> strings(const std::vector<std::string> &x) { return x; }
std::vector<std::string_view> views(std::vector<std::string_view> x) { return x; }
std::vector<const char *> pointers(const std::vector<const char *> &x) { return x; }
std::set<std::string> unique(std::span<const std::string_view> x) {
    return std::set<std::string>(x.begin(), x.end());
}
std::vector<std::vector<std::string>> cube(std::span<const std::vector<std::string>> x) {
    return {x.begin(), x.end()};
}
std::vector<std::vector<bool>> bits(const std::vector<std::vector<bool>> &x) { return x; }

// Failures
int thrower(std::string_view what) {
    if (what == "memory") throw std::bad_alloc();
    if (what == "length") std::vector<int>().reserve(std::size_t(-1));
    if (what == "int") throw 5;
    if (what == "literal") throw "a literal";
    if (what == "long") throw std::runtime_error(std::string(65535, 'x') + "\xc3\xa9");
    throw std::runtime_error("no such thing: " + std::string(what));
}
std::vector<int> many(std::uint32_t n) { return std::vector<int>(n, 7); }

// Declared more than once, hidden, with defaults
std::string remove(std::string s, std::string what) { s.erase(s.find(what), what.size()); return s; }
std::string remove(const std::string &s) { return "removed " + s; }
std::size_t strlen(const std::string &s) { return s.size() + 100; }
int add(int a, int b) { return a + b; }
double add(double a, double b) { return a + b + 0.5; }
int add(int a, int b, int c) { return a + b + c; }
static int hidden_one(int x) { return x + 1; }
inline int hidden_two(int x) { return x + 2; }
namespace {
int hidden_three(int x) { return x + 3; }
}
namespace deep::inside {
int area(int a) { return a * a; }
}
int defaulted(const std::vector<int> &x, int start = 3, std::string more = "abc") {
    return std::accumulate(x.begin(), x.end(), start) + static_cast<int>(more.size());
}
