// Sleeps and reads the last byte.
#include <cstdint>
#include <ctime>
#include <span>

std::uint32_t late(std::span<const std::uint8_t> data, std::uint32_t milliseconds) {
    const std::timespec nap = {milliseconds / 1000, long(milliseconds % 1000) * 1000000};
    nanosleep(&nap, nullptr);
    return data.back();
}

#ifdef SAGGAR_TWIN
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
// A host that maps the file itself is ended when it is cut.
int main() {
    char name[] = "/tmp/saggar-twin-XXXXXX";
    const int file = mkstemp(name);
    if (file < 0 || unlink(name) != 0 || ftruncate(file, 8192) != 0) return 1;
    const pid_t host = fork();
    if (host < 0) return 1;
    if (host == 0) {
        rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        void *data = mmap(nullptr, 8192, PROT_READ, MAP_SHARED, file, 0);
        if (data == MAP_FAILED) _exit(1);
        _exit(late({static_cast<std::uint8_t *>(data), 8192}, 200));
    }
    usleep(50000);
    if (ftruncate(file, 0) != 0) return 1;
    int status = 0;
    if (waitpid(host, &status, 0) != host) return 1;
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)) return 1;
    std::puts("acted: SIGBUS in the host");
    return 0;
}
#endif
