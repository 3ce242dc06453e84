// L04, from a call. 0: did not try; anything else: was not killed for it.
#include <cerrno>
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>

// 1 for a ring, else 2 plus the errno: any answer at all means that the kernel's door was open.
static std::uint32_t set_up_a_ring() {
    // As long as struct io_uring_params and zeroed, so that no kernel header is needed.
    alignas(8) unsigned char params[120] = {};
    long fd = syscall(SYS_io_uring_setup, 1, params);
    if (fd < 0) return 2 + static_cast<std::uint32_t>(errno);
    close(static_cast<int>(fd));
    return 1;
}

std::uint32_t ring(std::uint32_t n) { return n == 0 ? 0 : set_up_a_ring(); }

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    if (ring(1) == 0) return 1;
    std::puts("acted: io_uring_setup");
    return 0;
}
#endif
