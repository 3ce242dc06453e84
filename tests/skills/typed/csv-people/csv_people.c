#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "saggar.h"

static saggar_string copy(const char *data, size_t len) {
    saggar_string s = {malloc(len + 1), len};
    memcpy(s.data, data, len);
    s.data[len] = '\0';
    return s;
}

static size_t cell(const char *at, const char *end, char sep) {
    const char *hit = memchr(at, sep, (size_t)(end - at));
    return (size_t)((hit ? hit : end) - at);
}

static saggar_list_f32 scores(const char *at, const char *end) {
    saggar_list_f32 list = {NULL, 0};
    while (at < end) {
        list.data = realloc(list.data, (list.len + 1) * sizeof(float));
        list.data[list.len++] = strtof(at, NULL);
        at += cell(at, end, ';') + 1;
    }
    return list;
}

saggar_list_person parse_people(saggar_string text) {
    saggar_list_person people = {NULL, 0};
    const char *at = text.data, *stop = text.data + text.len;
    while (at < stop) {
        const char *end = at + cell(at, stop, '\n');
        if (end > at) {
            people.data = realloc(people.data, (people.len + 1) * sizeof(saggar_person));
            saggar_person *p = &people.data[people.len++];
            memset(p, 0, sizeof *p);
            size_t n = cell(at, end, ',');
            p->name = copy(at, n);
            at += n + 1;
            p->age = (uint32_t)strtoul(at, NULL, 10);
            at += cell(at, end, ',') + 1;
            n = cell(at, end, ',');
            if (n > 0) {
                p->email.some = true;
                p->email.value = copy(at, n);
            }
            p->scores = scores(at + n + 1, end);
        }
        at = end + 1;
    }
    return people;
}

saggar_option_person oldest(saggar_list_person people) {
    saggar_option_person none = {0};
    if (people.len == 0) return none;
    size_t best = 0;
    for (size_t i = 1; i < people.len; i++)
        if (people.data[i].age > people.data[best].age) best = i;
    saggar_person found = people.data[best];
    saggar_person result = {.name = copy(found.name.data, found.name.len), .age = found.age};
    if (found.email.some) {
        result.email.some = true;
        result.email.value = copy(found.email.value.data, found.email.value.len);
    }
    result.scores.len = found.scores.len;
    result.scores.data = malloc(found.scores.len * sizeof(float) + 1);
    for (size_t i = 0; i < found.scores.len; i++) result.scores.data[i] = found.scores.data[i];
    return (saggar_option_person){true, result};
}

saggar_option_f32 best_score(saggar_person who) {
    saggar_option_f32 best = {false, 0};
    for (size_t i = 0; i < who.scores.len; i++) {
        if (!best.some || who.scores.data[i] > best.value) best.value = who.scores.data[i];
        best.some = true;
    }
    return best;
}

saggar_string to_csv(saggar_list_person people) {
    size_t room = 1;
    for (size_t i = 0; i < people.len; i++)
        room += people.data[i].name.len + people.data[i].email.value.len + 40;
    saggar_string out = {malloc(room), 0};
    for (size_t i = 0; i < people.len; i++) {
        saggar_person p = people.data[i];
        const char *email = p.email.some ? p.email.value.data : "";
        out.len += (size_t)sprintf(out.data + out.len, "%s,%u,%s,%zu\n", p.name.data, p.age, email,
                                   p.scores.len);
    }
    return out;
}
