// I03. 0: does nothing; anything else: cuts every descriptor up to 64 to no bytes and says how many
// let themselves be cut.
#include <cstdint>
#include <unistd.h>

std::uint32_t cut(std::uint32_t n) {
    if (n == 0) return 0;
    std::uint32_t done = 0;
    for (int fd = 0; fd <= 64; ++fd)
        if (ftruncate(fd, 0) == 0) ++done;
    return done;
}

#ifdef SAGGAR_TWIN
#include <csignal>
#include <cstdio>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
// A host that shares memory without a seal reads it after its peer has cut it.
int main() {
    int shared = memfd_create("shared", 0);
    if (shared < 3 || ftruncate(shared, 4096) != 0) return 1;
    auto *memory = static_cast<volatile char *>(
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0));
    if (memory == MAP_FAILED) return 1;
    pid_t peer = fork();
    if (peer < 0) return 1;
    if (peer == 0) _exit(cut(1) > 0 ? 0 : 1);
    int status = 0;
    if (waitpid(peer, &status, 0) != peer || status != 0) return 1;
    pid_t host = fork();
    if (host < 0) return 1;
    if (host == 0) {
        rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        char first = memory[0];
        _exit(first);
    }
    if (waitpid(host, &status, 0) != host) return 1;
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)) return 1;
    std::puts("acted: SIGBUS in the host");
    return 0;
}
#endif
