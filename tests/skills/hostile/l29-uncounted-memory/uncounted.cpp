// Takes 256 MiB under a limit of 64 MiB: 1 as stack-like mappings, 2 by making what is full
// read-only. RLIMIT_DATA counts neither.
#include <cstdint>
#include <cstring>
#include <sys/mman.h>

static std::uint32_t mebibytes(std::uint32_t how) {
    const std::size_t piece = std::size_t(4) << 20;
    const int stack_like = how == 1 ? MAP_GROWSDOWN : 0;
    std::uint32_t got = 0;
    while (got < 256) {
        void *memory = mmap(nullptr, piece, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | stack_like, -1, 0);
        if (memory == MAP_FAILED) break;
        std::memset(memory, 1, piece);
        if (how == 2 && mprotect(memory, piece, PROT_READ) != 0) break;
        got += 4;
    }
    return got;
}

std::uint32_t take(std::uint32_t how) { return how == 0 ? 0 : mebibytes(how); }

#ifdef SAGGAR_TWIN
#include <cstdio>
#include <sys/resource.h>

int main() {
    const rlimit limit = {64 << 20, 64 << 20};
    if (setrlimit(RLIMIT_DATA, &limit) != 0) return 1;
    const std::uint32_t first = mebibytes(1), second = mebibytes(2);
    if (first < 256 || second < 256) return 1;
    std::printf("acted: %u and %u MiB under a limit of 64\n", first, second);
}
#endif
