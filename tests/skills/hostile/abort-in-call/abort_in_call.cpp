// 0: returns it; anything else: abort().
#include <cstdint>
#include <cstdlib>

std::uint32_t give_up(std::uint32_t n) {
    if (n == 0) return n;
    std::abort();
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
        give_up(1);
        _exit(99);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 1;
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)) return 1;
    std::puts("acted: SIGABRT");
    return 0;
}
#endif
