// L04, from a constructor. 0: not asked; anything else: the constructor was not killed for it.
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

static volatile std::uint32_t outcome = 0;

__attribute__((constructor)) static void at_load() { outcome = set_up_a_ring(); }

std::uint32_t ring(std::uint32_t n) { return n == 0 ? 0 : outcome; }

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    if (ring(1) == 0) return 1;
    std::puts("acted: io_uring_setup");
    return 0;
}
#endif
