// L01, from a call. 0: did not try; 1: has a socket; 2: was refused and lived.
#include <cstdint>
#include <sys/socket.h>
#include <unistd.h>

static bool open_a_socket() {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) return false;
    close(fd);
    return true;
}

std::uint32_t reach_out(std::uint32_t n) {
    if (n == 0) return 0;
    return open_a_socket() ? 1 : 2;
}

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    if (reach_out(1) != 1) return 1;
    std::puts("acted: socket");
    return 0;
}
#endif
