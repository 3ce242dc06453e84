#include "saggar.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int last_day(int year, int month) {
    if (month == 2) return leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static int day_number(saggar_date d) {
    int y = d.year - (d.month <= 2);
    int m = (d.month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d.day - 1;
}

static saggar_result_date_string wrong(const char *what, saggar_string text) {
    saggar_result_date_string result;
    memset(&result, 0, sizeof result);
    result.is_err = true;
    result.err.data = malloc(strlen(what) + text.len + 1);
    result.err.len = (size_t)sprintf(result.err.data, "%s%s", what, text.data);
    return result;
}

saggar_result_date_string parse_date(saggar_string text) {
    int year, month, day, used = 0;
    if (sscanf(text.data, "%d-%2d-%2d%n", &year, &month, &day, &used) != 3 ||
        (size_t)used != text.len)
        return wrong("not a date: ", text);
    if (month < 1 || month > 12 || day < 1 || day > last_day(year, month))
        return wrong("no such day: ", text);
    saggar_date date = {(int16_t)year, (uint8_t)month, (uint8_t)day};
    return (saggar_result_date_string){.is_err = false, .ok = date};
}

int32_t days_between(saggar_date a, saggar_date b) { return day_number(b) - day_number(a); }

saggar_weekday day_of_week(saggar_date day) {
    static const saggar_weekday names[] = {
        SAGGAR_WEEKDAY_WEDNESDAY, SAGGAR_WEEKDAY_THURSDAY, SAGGAR_WEEKDAY_FRIDAY,
        SAGGAR_WEEKDAY_SATURDAY,  SAGGAR_WEEKDAY_SUNDAY,   SAGGAR_WEEKDAY_MONDAY,
        SAGGAR_WEEKDAY_TUESDAY,
    };
    return names[day_number(day) % 7];
}

uint64_t weekend_days(saggar_list_weekday days) {
    uint64_t n = 0;
    for (size_t i = 0; i < days.len; i++)
        if (days.data[i] >= SAGGAR_WEEKDAY_SATURDAY) n++;
    return n;
}
