// 0: reads the first byte; 1: writes to it; 2: asks to be allowed to, and writes to it then.
#include <cstdint>
#include <span>
#include <sys/mman.h>

std::uint32_t scribble(std::span<const std::uint8_t> data, std::uint32_t how) {
    auto *first = const_cast<volatile std::uint8_t *>(data.data());
    if (how == 2) {
        auto page = reinterpret_cast<std::uintptr_t>(first) & ~std::uintptr_t(4095);
        if (mprotect(reinterpret_cast<void *>(page), 4096, PROT_READ | PROT_WRITE) != 0) return 256;
    }
    if (how != 0) *first = 'X';
    return *first;
}

#ifdef SAGGAR_TWIN
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
// What opens the file itself, to read and write, changes it by a mapping that was read-only at first.
int main() {
    char name[] = "/tmp/saggar-twin-XXXXXX";
    const int file = mkstemp(name);
    if (file < 0 || unlink(name) != 0 || write(file, "abc", 3) != 3) return 1;
    void *data = mmap(nullptr, 3, PROT_READ, MAP_SHARED, file, 0);
    if (data == MAP_FAILED) return 1;
    if (scribble({static_cast<std::uint8_t *>(data), 3}, 2) != 'X') return 1;
    char found[4] = {};
    if (pread(file, found, 3, 0) != 3) return 1;
    std::printf("acted: the file says %s\n", found);
    return found[0] != 'X';
}
#endif
