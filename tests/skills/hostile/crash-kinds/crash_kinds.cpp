// Every way in which C++ ends its process. Each function but returns what it is given when that is
// 0 or empty.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

struct Node {
    std::int64_t key[3];
    Node *next;
};

static volatile bool yes = true;
static Node *volatile nobody = nullptr;

__attribute__((noipa)) static std::int64_t sum_all(const Node *node) {
    return node->key[2] + 1;
}

__attribute__((noinline)) static std::int64_t outer(std::int64_t n) {
    return sum_all(nobody) * n;
}

std::int64_t null_member(std::int64_t n) {
    if (n == 0) return n;
    return outer(n) + 1;
}

std::int64_t null_call(std::int64_t n) {
    if (n == 0) return n;
    std::int64_t (*volatile f)(std::int64_t) = nullptr;
    return f(n) + 1;
}

std::int64_t constant(std::int64_t n) {
    if (n == 0) return n;
    static const char text[] = "constant";
    char *volatile to = const_cast<char *>(text);
    to[3] = static_cast<char>(n);
    return to[3];
}

std::int64_t heap_end(std::int64_t n) {
    if (n == 0) return n;
    std::vector<std::int64_t> values(100, n);
    volatile std::int64_t *at = values.data();
    std::int64_t sum = 0;
    for (std::size_t i = 0; sum >= 0; ++i) sum += at[i] != -1;
    return sum;
}

std::int64_t freed(std::int64_t n) {
    if (n == 0) return n;
    Node **volatile kept = static_cast<Node **>(std::malloc(64));
    std::free(kept);
    Node *volatile gone = kept[0];
    return gone->key[0];
}

std::int64_t in_library(std::int64_t n) {
    if (n == 0) return n;
    const char *volatile text = nullptr;
    return static_cast<std::int64_t>(std::strlen(text)) + n;
}

std::int64_t in_callback(std::int64_t n) {
    if (n == 0) return n;
    std::int32_t values[] = {3, 1, 2};
    std::qsort(values, 3, sizeof *values, [](const void *, const void *) -> int {
        return static_cast<int>(sum_all(nobody));
    });
    return values[0];
}

std::int64_t divide(std::int64_t a, std::int64_t b) { return a / b; }

std::int64_t unreachable(std::int64_t n) {
    if (n == 0) return n;
    __builtin_trap();
}

std::int64_t garbage(std::int64_t n) {
    if (n == 0) return n;
    const std::int64_t *volatile p = reinterpret_cast<const std::int64_t *>(0x4141414141414141);
    return *p;
}

std::int64_t bus(std::int64_t n) {
    if (n == 0) return n;
    asm volatile("push %%rbp; movabs $0x4141414141414141, %%rbp; mov (%%rbp), %%rax; pop %%rbp"
                 ::: "rax", "memory");
    return n;
}

std::int64_t asserts(std::int64_t n) {
    assert(n == 0 && "only nothing");
    return n;
}

__attribute__((noinline)) static void thrower(std::int64_t n) {
    if (n != 0) throw std::runtime_error("thrown on purpose");
}

__attribute__((noinline)) static void quiet(std::int64_t n) noexcept { thrower(n); }

std::int64_t terminates(std::int64_t n) {
    quiet(n);
    return n;
}

std::int64_t throws(std::int64_t n) {
    thrower(n);
    return n;
}

std::int64_t twice(std::int64_t n) {
    if (n == 0) return n;
    void *volatile p = std::malloc(40);
    std::free(p);
    std::free(p);
    return n;
}

__attribute__((noipa)) static void fill(char *to, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) to[i] = 'x';
}

std::int64_t smash(std::int64_t n) {
    char buffer[16];
    fill(buffer, n == 0 ? 8 : 64);
    return n + buffer[3] - 'x';
}

std::int64_t overflow(std::int64_t n) {
    char from[64] = {}, buffer[16];
    volatile std::size_t length = n == 0 ? 8 : 64;
    std::memcpy(buffer, from, length);
    return n + buffer[3];
}

__attribute__((noinline)) static std::int64_t deeper(std::int64_t n);

__attribute__((noinline)) static std::int64_t descend(std::int64_t n) {
    volatile std::int64_t frame[16] = {n};
    return deeper(n + 1) + frame[3];
}

__attribute__((noinline)) static std::int64_t deeper(std::int64_t n) {
    volatile std::int64_t frame[8] = {n};
    if (!yes) return n;
    return descend(n + 1) + frame[3];
}

std::int64_t recursion(std::int64_t n) { return n == 0 ? n : descend(n); }

std::int64_t large_frame(std::int64_t n) {
    if (n == 0) return n;
    volatile char array[64 << 20];
    for (std::size_t i = 0; i < sizeof array; i += 4096) array[i] = static_cast<char>(n);
    return array[4096];
}

std::int64_t leaves(std::int64_t n) {
    if (n != 0) std::exit(static_cast<int>(n));
    return n;
}

std::int64_t spins(std::int64_t n) {
    while (n != 0 && yes) {}
    return n;
}

std::int64_t walk(std::span<const std::int64_t> values, std::int64_t at) {
    return values[static_cast<std::size_t>(at)];
}

std::int64_t pick(const std::vector<std::int64_t> &values, std::int64_t at) {
    return values[static_cast<std::size_t>(at)];
}

#ifdef SAGGAR_TWIN
#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main() {
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        null_member(1);
        _exit(99);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 1;
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)) return 1;
    std::puts("acted: SIGSEGV");
    return 0;
}
#endif
