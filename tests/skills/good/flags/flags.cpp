#include <bits/stdc++.h>
using namespace std;

vector<bool> sieve(int limit) {
    if (limit < 0) return {};
    vector<bool> prime(limit + 1, true);
    prime[0] = false;
    if (limit >= 1) prime[1] = false;
    for (long long i = 2; i * i <= limit; i++)
        if (prime[i])
            for (long long j = i * i; j <= limit; j += i) prime[j] = false;
    return prime;
}

vector<bool> invert(vector<bool> bits) {
    bits.flip();
    return bits;
}

bool parity(span<const bool> bits) {
    return accumulate(bits.begin(), bits.end(), false, bit_xor<>());
}

vector<unsigned char> pack(const vector<bool> &bits) {
    vector<unsigned char> out((bits.size() + 7) / 8);
    for (size_t i = 0; i < bits.size(); i++)
        if (bits[i]) out[i / 8] |= 1u << (i % 8);
    return out;
}
