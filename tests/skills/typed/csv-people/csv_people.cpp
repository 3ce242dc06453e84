#include <bits/stdc++.h>

using namespace std;

struct Person {
    string name;
    uint32_t age = 0;
    optional<string> email;
    vector<float> scores;
};

static vector<string> split(const string& line, char sep) {
    vector<string> parts;
    string part;
    for (char c : line) {
        if (c == sep) {
            parts.push_back(part);
            part.clear();
        } else {
            part += c;
        }
    }
    parts.push_back(part);
    return parts;
}

vector<Person> parsePeople(const string& text) {
    vector<Person> people;
    stringstream in(text);
    string line;
    while (getline(in, line)) {
        if (line.empty()) continue;
        vector<string> cells = split(line, ',');
        cells.resize(4);
        Person p;
        p.name = cells[0];
        p.age = stoul(cells[1]);
        if (!cells[2].empty()) p.email = cells[2];
        if (!cells[3].empty())
            for (const string& s : split(cells[3], ';')) p.scores.push_back(stof(s));
        people.push_back(p);
    }
    return people;
}

optional<Person> oldest(const vector<Person>& people) {
    const Person* best = nullptr;
    for (const Person& p : people)
        if (!best || p.age > best->age) best = &p;
    if (!best) return {};
    return *best;
}

optional<float> bestScore(const Person& who) {
    if (who.scores.empty()) return nullopt;
    return *max_element(who.scores.begin(), who.scores.end());
}

string toCsv(vector<Person> people) {
    ostringstream out;
    for (auto& p : people)
        out << p.name << ',' << p.age << ',' << p.email.value_or("") << ',' << p.scores.size() << '\n';
    return out.str();
}
