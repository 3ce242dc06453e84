#include <bits/stdc++.h>
using namespace std;

// The numbers are those of RFC 9110.
enum Status { OK = 200, MOVED_PERMANENTLY = 301, NOT_FOUND = 404, TEAPOT = 418, INTERNAL_SERVER_ERROR = 500 };

struct Response {
    Status code = OK;
    optional<string> body;
    float millis = 0;
};

optional<Status> ofCode(int unsigned short code) {
    for (Status s : {OK, MOVED_PERMANENTLY, NOT_FOUND, TEAPOT, INTERNAL_SERVER_ERROR})
        if (s == code) return s;
    return nullopt;
}

uint16_t codeOf(Status code) { return code; }

bool isError(Status code) { return code >= 400; }

vector<tuple<uint16_t, Status, uint8_t>> failures(const vector<Response> &responses) {
    map<Status, uint8_t> counts;
    for (auto &r : responses)
        if (isError(r.code)) ++counts[r.code];
    vector<tuple<uint16_t, Status, uint8_t>> out;
    for (auto [status, n] : counts) out.emplace_back(status, status, n);
    return out;
}

variant<Response, Status> slowest(vector<Response> responses) {
    if (responses.empty()) return NOT_FOUND;
    sort(responses.begin(), responses.end(), [](auto &a, auto &b) { return a.millis > b.millis; });
    return responses.front();
}
