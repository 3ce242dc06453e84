#include <bits/stdc++.h>
using namespace std;
#define int long long
#define pb push_back
#define MAX 100
#define maxLen 200
#define KIND_NULL 0
#define Null nullptr
#define _tag 3
#define _Record oops
#define _get(x) x
#define index indices
#define __saggar oops
#define emplace
#define value_type oops
#undef linux

enum class Kind { kNull, Linux, default_, Eof, Class, KIND_MAX };
struct Entry {
    int key, value, size;
    string data;
    Kind type;
};
struct words {
    string class_;
    int int_;
    bool default_;
    int max_len;
};
#pragma pack(push, 1)
struct Packed {
    unsigned char a;
    double b;
    unsigned short c;
};
#pragma pack(pop)
struct Tag {
    int tag{};
};
struct Option {};
struct _Tuple {};
enum Result { option, none };

Entry get(const Entry &e) { return e; }
words indices(words w) { return w; }
vector<Packed> pack(vector<Packed> p) { return p; }
tuple<Tag, Kind> tags(optional<Tag> t) {
    return t ? make_tuple(*t, Kind::Linux) : make_tuple(Tag(), Kind::KIND_MAX);
}
Result taste(Result f) { return f; }
