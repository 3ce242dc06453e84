#include <bits/stdc++.h>
using namespace std;

enum class RpnError { StackUnderflow, UnknownToken, Leftover, Empty };

static bool isNumber(const string &token) {
    char *end = nullptr;
    strtod(token.c_str(), &end);
    return isdigit(static_cast<unsigned char>(token.back())) && *end == '\0';
}

static bool isOperator(const string &token) {
    return token.size() == 1 && string("+-*/").find(token[0]) != string::npos;
}

double evaluate(const string &text) {
    stack<double> st;
    istringstream in(text);
    string token;
    while (in >> token) {
        if (isOperator(token)) {
            if (st.size() < 2) throw runtime_error("stack underflow at " + token);
            double b = st.top(); st.pop();
            double a = st.top(); st.pop();
            switch (token[0]) {
                case '+': st.push(a + b); break;
                case '-': st.push(a - b); break;
                case '*': st.push(a * b); break;
                default:
                    if (b == 0) throw runtime_error("division by zero");
                    st.push(a / b);
            }
        } else if (isNumber(token)) {
            st.push(stod(token));
        } else {
            throw runtime_error("unknown token " + token);
        }
    }
    if (st.size() != 1) throw runtime_error(to_string(st.size()) + " values left");
    return st.top();
}

// What the stack needs at most, or what is wrong.
variant<uint8_t, RpnError> depth(string_view text) {
    int now = 0, most = 0;
    istringstream in{string(text)};
    for (string token; in >> token;) {
        if (isOperator(token)) {
            if (now < 2) return RpnError::StackUnderflow;
            --now;
        } else if (isNumber(token)) {
            most = max(most, ++now);
        } else {
            return RpnError::UnknownToken;
        }
    }
    if (now == 0) return RpnError::Empty;
    if (now > 1) return RpnError::Leftover;
    return static_cast<uint8_t>(most);
}

variant<monostate, RpnError> check(string_view text) {
    auto found = depth(text);
    if (auto *error = get_if<RpnError>(&found)) return *error;
    return monostate{};
}
