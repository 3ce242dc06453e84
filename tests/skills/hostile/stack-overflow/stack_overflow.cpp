// L19. 0: returns it; anything else: recursion that ends with the stack.
#include <cstdint>

static volatile bool bottom = false;

__attribute__((noinline)) static std::uint32_t deeper(std::uint32_t n) {
    volatile std::uint32_t frame[64];
    frame[n % 64] = n;
    if (bottom) return n;
    return deeper(n + 1) + frame[n % 64];
}

std::uint32_t descend(std::uint32_t n) {
    if (n == 0) return n;
    return deeper(n);
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
        rlimit stack{8 << 20, 8 << 20};
        setrlimit(RLIMIT_STACK, &stack);
        descend(1);
        _exit(99);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 1;
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)) return 1;
    std::puts("acted: stack overflow");
    return 0;
}
#endif
