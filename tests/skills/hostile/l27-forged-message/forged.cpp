// Writes to the control socket, descriptor 3: a message that says the sidecar could not confine
// itself, which would put the blame on the machine.
#include <cstdint>
#include <unistd.h>

static ssize_t speak() {
    static const unsigned char message[] = {2, 1, 'x', 1, 'y'};
    return write(3, message, sizeof message);
}

std::uint32_t idle(std::uint32_t n) { return n; }

#ifndef SAGGAR_TWIN
__attribute__((constructor)) static void before() { speak(); }
#else
#include <cstdio>
#include <sys/socket.h>

int main() {
    int ends[2];
    char heard[8];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) return 1;
    const int ours = dup(ends[0]);
    if (ours < 0 || dup2(ends[1], 3) != 3) return 1;
    if (speak() != 5 || read(ours, heard, sizeof heard) != 5) return 1;
    std::printf("acted: a message went out in another's name\n");
}
#endif
