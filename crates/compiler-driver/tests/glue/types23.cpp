#include <expected>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

struct Problem {
    std::string reason;
    int line;
};
enum class Kind { kMissing, kBroken };
struct Nothing {};
struct Oops {
    const char *what() const { return "oops"; }
};

std::expected<int, std::string> parse(const std::string &s) {
    if (s.empty()) return std::unexpected("empty");
    return std::stoi(s);
}
std::expected<std::vector<std::string>, Problem> lines(std::string_view s) {
    if (s.empty()) return std::unexpected(Problem{"no text", 1});
    return std::vector<std::string>{std::string(s)};
}
std::expected<void, Kind> check(int x) {
    if (x < 0) return std::unexpected(Kind::kBroken);
    return {};
}
std::expected<std::monostate, Nothing> bare(bool x) {
    if (x) return {};
    return std::unexpected(Nothing());
}
std::expected<std::string, Problem> echo(const std::expected<std::string, Problem> &x) { return x; }
std::expected<void, std::string> echo_void(std::expected<void, std::string> x) { return x; }
std::vector<std::expected<double, Kind>> all(std::vector<std::expected<double, Kind>> x) {
    return x;
}
std::expected<int, const char *> unwrapped(int x) {
    if (x < 0) return std::unexpected("below zero");
    return x;
}
std::expected<void, std::string> unwrapped_void(int x) {
    if (x < 0) return std::unexpected(std::string(100, 'x'));
    return {};
}
std::expected<std::string, std::error_code> coded(int x) {
    if (x < 0) return std::unexpected(std::make_error_code(std::errc::invalid_argument));
    return "fine";
}
std::expected<int, Oops> explained(int) { return std::unexpected(Oops()); }
std::expected<int, Kind> unexplained(int) { return std::unexpected(Kind::kMissing); }
int over(std::expected<int, std::string> x) { return x.value_or(-1); }
int over(std::variant<int, bool> x) { return static_cast<int>(x.index()); }
