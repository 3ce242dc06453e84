// L19: a result of any size.
#include <cstdint>
#include <string>

std::string huge(std::uint32_t n) { return std::string(n, 'x'); }

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    if (huge(64u << 20).size() != 64u << 20) return 1;
    std::puts("acted: 64 MiB");
    return 0;
}
#endif
