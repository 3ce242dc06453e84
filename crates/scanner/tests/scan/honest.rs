//! What honest skills are made of passes, under the built-in policy as it stands.

use saggar_model::Language;

use crate::objects::{TABLE, build, passes};

const CPP: &str = r#"
#include <bits/stdc++.h>
using namespace std;
thread_local int calls = 0;
static map<string, int> counts;
inline int& shared() { static int value = 0; return value; }
struct shape { virtual ~shape() {} virtual double area() const = 0; };
struct circle : shape { double r; circle(double r) : r(r) {} double area() const override { return M_PI * r * r; } };
int remove(int x) { return x - 1; }
string work(vector<string> words, double scale) {
    ++calls; ++shared();
    sort(words.begin(), words.end(), [](auto& a, auto& b) { return a.size() < b.size() || a < b; });
    ostringstream out;
    for (auto& word : words) { counts[word]++; out << word << ' ' << setprecision(3) << sin(scale); }
    printf("%d %f\n", (int)words.size(), pow(scale, 2.5));
    cout << out.str() << endl; cerr << regex_replace(out.str(), regex("a"), "b");
    unique_ptr<shape> one = make_unique<circle>(scale);
    if (words.empty()) throw runtime_error("no words: " + to_string(one->area()));
    mt19937 random(42); shuffle(words.begin(), words.end(), random);
    unordered_map<string, vector<int>> index; index["x"].push_back(remove(3));
    auto now = chrono::steady_clock::now(); (void)now;
    qsort(words.data(), 0, 1, [](const void*, const void*) { return 0; });
    time_t t = 0; tm* local = localtime(&t); char text[64]; strftime(text, 64, "%F", local);
    return out.str() + text;
}
extern "C" __attribute__((visibility("default"))) unsigned entry(const char* text, size_t n) {
    try { return work({string(text, n)}, n).size(); } catch (const exception& e) { return strlen(e.what()); }
}
"#;

const C: &str = r#"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int before(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
double kill(double x) { return x * 2; }
__attribute__((visibility("default"))) double entry(int *xs, size_t n, const char *text) {
    qsort(xs, n, sizeof *xs, before);
    char *copy = strdup(text), line[80];
    snprintf(line, sizeof line, "%s %d", copy, toupper(copy[0]));
    double sum = strtod(line, NULL) + exp(n) + kill(errno);
    free(copy);
    if (n > 1000) abort();
    fprintf(stderr, "%s\n", line);
    return sum;
}
"#;

#[test]
fn a_real_cpp_skill_has_no_finding() {
    let verdict = passes(&build(Language::Cpp, &format!("{CPP}{TABLE}"), &[]));
    assert!(verdict.constructors >= 2, "{}", verdict.constructors);
    assert!(verdict.needed.iter().any(|library| library == "libstdc++.so.6"));
    assert!(verdict.imports.is_sorted());
    assert!(verdict.imports.iter().any(|import| import == "sin"));
    passes(&build(Language::Cpp, &format!("{CPP}{TABLE}"), &["-std=c++20", "-O0"]));
}

#[test]
fn a_real_c_skill_has_no_finding() {
    let verdict = passes(&build(Language::C, &format!("{C}{TABLE}"), &[]));
    assert_eq!(verdict.needed, ["libm.so.6", "libc.so.6"]);
}

#[test]
fn other_linkers_make_sound_objects_too() {
    passes(&build(Language::Cpp, &format!("{CPP}{TABLE}"), &["-fuse-ld=gold"]));
}

#[test]
fn the_same_bytes_give_the_same_verdict() {
    let object = build(Language::C, &format!("{C}{TABLE}"), &[]);
    assert_eq!(passes(&object), passes(&object));
}
