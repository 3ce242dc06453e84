// L19. 0: returns it; anything else: loops for ever without a system call.
#include <cstdint>

static volatile std::uint64_t turns = 0;

std::uint32_t spin(std::uint32_t n) {
    while (n > 0) turns = turns + 1;
    return n;
}

#ifdef SAGGAR_TWIN
#include <csignal>
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>
int main() {
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        alarm(10);
        spin(1);
        _exit(99);
    }
    usleep(900 * 1000);
    int status = 0;
    bool still_runs = waitpid(child, &status, WNOHANG) == 0;
    if (!still_runs) return 1;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    std::puts("acted: ran three times as long as its deadline");
    return 0;
}
#endif
