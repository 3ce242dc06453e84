// L08, from a call. 0: does nothing; 1: reads files; 2 and more: reads pipes and sockets too, and
// waits where they are empty.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unistd.h>

// "fd 5: text | fd 7: text": every descriptor that gave bytes, unprintable ones as dots.
// Plain static memory, since a constructor may run before those of other statics.
static char loot[253 * 96];
static std::size_t looted = 0;

static void keep(int fd, const char *bytes, std::size_t n) {
    looted += std::snprintf(loot + looted, 24, "%sfd %d: ", looted ? " | " : "", fd);
    for (std::size_t i = 0; i < n; ++i)
        loot[looted++] = bytes[i] >= ' ' && bytes[i] < 127 ? bytes[i] : '.';
}

std::string rummage(std::uint32_t n) {
    if (n == 0) return "";
    looted = 0;
    for (int fd = 3; fd <= 255; ++fd) {
        char bytes[64];
        ssize_t got = pread(fd, bytes, sizeof bytes, 0);
        if (got < 0 && errno == ESPIPE && n >= 2) got = read(fd, bytes, sizeof bytes);
        if (got > 0) keep(fd, bytes, static_cast<std::size_t>(got));
    }
    return std::string(loot, looted);
}

#ifdef SAGGAR_TWIN
int main() {
    std::string text = rummage(2);
    if (text.empty()) return 1;
    std::printf("acted: %s\n", text.c_str());
    return 0;
}
#endif
