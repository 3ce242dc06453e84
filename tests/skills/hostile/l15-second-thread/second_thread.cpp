// L15. 0: did not try; 1: the process outlived what its second thread did.
#include <atomic>
#include <cstdint>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

static std::atomic<int> descriptor{-1};

std::uint32_t reach_out(std::uint32_t n) {
    if (n == 0) return 0;
    std::thread second([] { descriptor = socket(AF_INET, SOCK_STREAM, 0); });
    second.join();
    if (descriptor >= 0) close(descriptor);
    return 1;
}

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    if (reach_out(1) != 1 || descriptor < 0) return 1;
    std::puts("acted: socket on a second thread");
    return 0;
}
#endif
