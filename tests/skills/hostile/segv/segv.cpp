// 0: returns it; anything else: reads from address 8.
#include <cstdint>

static volatile std::uintptr_t nowhere = 8;

std::uint32_t boom(std::uint32_t n) {
    if (n == 0) return n;
    const volatile std::uint32_t *p = reinterpret_cast<const volatile std::uint32_t *>(nowhere);
    return n + *p;
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
        boom(1);
        _exit(99);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 1;
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)) return 1;
    std::puts("acted: SIGSEGV");
    return 0;
}
#endif
