#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum day { DAY_MONDAY, DAY_TUESDAY, DAY_WEDNESDAY, DAY_THURSDAY, DAY_FRIDAY, DAY_SATURDAY, DAY_SUNDAY };

char *to_upper(const char *text) {
    char *out = strdup(text);
    for (char *p = out; *p; p++)
        if (*p >= 'a' && *p <= 'z') *p -= 'a' - 'A';
    return out;
}

const char *day_name(enum day which) {
    static const char *names[] = {"Monday", "Tuesday", "Wednesday", "Thursday",
                                  "Friday", "Saturday", "Sunday"};
    return names[which];
}

enum day next_day(enum day which) { return which == DAY_SUNDAY ? DAY_MONDAY : which + 1; }

int count_words(const char *text) {
    int n = 0;
    bool inside = false;
    for (; *text; text++) {
        if (isspace((unsigned char)*text) && inside) n++;
        inside = !isspace((unsigned char)*text);
    }
    return n + inside;
}

size_t longest(const char **words, int n) {
    size_t most = 0;
    for (int i = 0; i < n; i++)
        if (strlen(words[i]) > most) most = strlen(words[i]);
    return most;
}

bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

uint32_t *letter_counts(const char *text, size_t len, size_t *out_len) {
    uint32_t *counts = calloc(26, sizeof *counts);
    for (size_t i = 0; i < len; i++)
        if (islower((unsigned char)text[i])) counts[text[i] - 'a']++;
    *out_len = 26;
    return counts;
}
