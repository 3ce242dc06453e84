#include <bits/stdc++.h>
using namespace std;

#define int long long
#define all(x) (x).begin(), (x).end()
typedef vector<int> vi;

int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
}

int modPower(int base, int exponent, int modulus) {
    if (modulus <= 0) throw invalid_argument("modulus must be positive");
    if (exponent < 0) throw invalid_argument("exponent must not be negative");
    __int128 result = 1 % modulus, b = ((base % modulus) + modulus) % modulus;
    while (exponent > 0) {
        if (exponent & 1) result = result * b % modulus;
        b = b * b % modulus;
        exponent >>= 1;
    }
    return (int)result;
}

vi divisors(int n) {
    vi small, large;
    for (int d = 1; d <= n / d; d++) {
        if (n % d) continue;
        small.push_back(d);
        if (d != n / d) large.push_back(n / d);
    }
    reverse(all(large));
    small.insert(small.end(), all(large));
    return small;
}

int longestIncreasing(vi a) {
    vi tails;
    for (int x : a) {
        auto it = lower_bound(all(tails), x);
        if (it == tails.end())
            tails.push_back(x);
        else
            *it = x;
    }
    return tails.size();
}
