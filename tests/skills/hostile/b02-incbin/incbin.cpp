// B02. The harness puts a path where the at-signs are. 0: says nothing; anything else: says what
// the assembler read.
#include <cstdint>
#include <string>

asm(".pushsection .rodata\n"
    ".hidden saggar_loot_start, saggar_loot_end\n"
    ".globl saggar_loot_start, saggar_loot_end\n"
    "saggar_loot_start:\n"
    ".incbin \"@SECRET@\"\n"
    "saggar_loot_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" __attribute__((visibility("hidden"))) const char saggar_loot_start[];
extern "C" __attribute__((visibility("hidden"))) const char saggar_loot_end[];

std::string bytes(std::uint32_t n) {
    if (n == 0) return "";
    return std::string(saggar_loot_start, saggar_loot_end);
}

#ifdef SAGGAR_TWIN
#include <cstdio>
int main() {
    std::string text = bytes(1);
    if (text.empty()) return 1;
    for (char &c : text)
        if (c == '\n') c = ' ';
    std::printf("acted: %s\n", text.c_str());
    return 0;
}
#endif
