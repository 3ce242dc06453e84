#include <bits/stdc++.h>
using namespace std;
#pragma GCC optimize("O3,unroll-loops")
#pragma pack(1)
#define all(x) (x).begin(), (x).end()
#define endl '\n'
#define pb push_back
#define push_back emplace_back
#define rep(i, n) for (int i = 0; i < (n); i++)
#define data dataset
#define what(x) cerr << x
#define reserve
#define _data 17
#define _size
#define _value(x) x
#define _at 3
#define __saggar oops
#define _Frame struct
#define static_assert(x, y)
#define noexcept
#define catch if
#define constexpr const
typedef vector<int> _String;
struct _List {};
int _Byte = 3;
template <typename T> struct _Scalar {};
#define int long long
#define double long double

// What `using namespace std` brings in must not be taken for the source's own.
int count(const string &text, const string &word) {
    int n = 0;
    for (size_t at = 0; (at = text.find(word, at)) != string::npos; at += word.size()) n++;
    return n;
}
vector<int> sort(vector<int> v) {
    sort(all(v));
    return v;
}
int size(const vector<int> &v) { return v.size(); }
int gcd(int a, int b) { return b ? gcd(b, a % b) : a; }
int solve(vector<int> &v, int at) { return at == (int)v.size() ? 0 : v[at] + solve(v, at + 1); }
int solve(vector<int> v) { return solve(v, 0); }
string data(string x) { return x; }

signed main() {
    cout << 1 << endl;
}
