#include <bits/stdc++.h>
using namespace std;

static vector<string> words_of(const string &text) {
    vector<string> words;
    istringstream in(text);
    string word;
    while (in >> word) words.push_back(word);
    return words;
}

size_t count(const string &text, const string &word) {
    size_t n = 0;
    for (const auto &w : words_of(text))
        if (w == word) ++n;
    return n;
}

string topWord(const string &text) {
    map<string, int> seen;
    for (const auto &w : words_of(text)) ++seen[w];
    string best;
    int most = 0;
    for (const auto &[word, n] : seen) {
        if (n > most) {
            most = n;
            best = word;
        }
    }
    return best;
}
