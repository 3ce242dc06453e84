// L19. Takes, fills and keeps that many megabytes, then returns how many it has had in all.
#include <cstdint>
#include <cstring>
#include <vector>

static std::vector<char *> hoarded;

std::uint32_t hoard(std::uint32_t megabytes) {
    for (std::uint32_t i = 0; i < megabytes; ++i) {
        char *block = new char[1 << 20];
        std::memset(block, static_cast<int>(i % 255) + 1, 1 << 20);
        *const_cast<volatile char *>(block) = 1;
        hoarded.push_back(block);
    }
    return static_cast<std::uint32_t>(hoarded.size());
}

#ifdef SAGGAR_TWIN
#include <cstdio>
#include <sys/resource.h>
// No more than shows that the plan's 64 MiB are passed: a machine is not to be harmed.
int main() {
    rusage use{};
    if (hoard(192) != 192 || getrusage(RUSAGE_SELF, &use) != 0) return 1;
    if (use.ru_maxrss < 192 * 1024) return 1;
    std::puts("acted: 192 MiB");
    return 0;
}
#endif
