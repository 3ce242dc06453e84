// L01, from a constructor. 0: not asked; 1: the constructor has had a socket; 2: it was refused
// and lived.
#include <cstdint>
#include <sys/socket.h>
#include <unistd.h>

static bool open_a_socket() {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) return false;
    close(fd);
    return true;
}

static volatile std::uint32_t outcome = 0;

__attribute__((constructor)) static void at_load() { outcome = open_a_socket() ? 1 : 2; }

std::uint32_t reach_out(std::uint32_t n) { return n == 0 ? 0 : outcome; }

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    if (reach_out(1) != 1) return 1;
    std::puts("acted: socket");
    return 0;
}
#endif
