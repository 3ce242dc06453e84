// L17. 0: returns it; 1: exit(0); anything else: _exit(0).
#include <cstdint>
#include <cstdlib>
#include <unistd.h>

std::uint32_t leave(std::uint32_t n) {
    if (n == 0) return n;
    if (n == 1) std::exit(0);
    _exit(0);
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
        leave(1);
        _exit(99);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 1;
    if (!(WIFEXITED(status) && WEXITSTATUS(status) == 0)) return 1;
    std::puts("acted: exit");
    return 0;
}
#endif
