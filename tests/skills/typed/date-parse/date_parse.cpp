#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

struct Date {
    int16_t year;
    uint8_t month, day;
};

enum class Weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

namespace {

bool leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

int month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

// Days since the first of March of year 0; good for positive years.
int day_number(const Date& d) {
    int y = d.month <= 2 ? d.year - 1 : d.year;
    int m = (d.month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d.day - 1;
}

}  // namespace

Date parseDate(const std::string& text) {
    int year, month, day, used = 0;
    int read = std::sscanf(text.c_str(), "%d-%2d-%2d%n", &year, &month, &day, &used);
    if (read != 3 || used != static_cast<int>(text.size()) || year < -32768 || year > 32767)
        throw std::invalid_argument("not a date: " + text);
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        throw std::out_of_range("no such day: " + text);
    return Date{static_cast<int16_t>(year), static_cast<uint8_t>(month), static_cast<uint8_t>(day)};
}

int daysBetween(Date a, Date b) { return day_number(b) - day_number(a); }

Weekday dayOfWeek(const Date& day) { return static_cast<Weekday>((day_number(day) + 2) % 7); }

std::size_t weekendDays(const std::vector<Weekday>& days) {
    std::size_t n = 0;
    for (Weekday d : days) n += d == Weekday::SATURDAY || d == Weekday::SUNDAY;
    return n;
}
