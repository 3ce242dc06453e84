// L08, from a constructor: files, and pipes that somebody else left. 0: says nothing; anything
// else: says what the constructor read.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <sys/stat.h>
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

__attribute__((constructor)) static void at_load() {
    for (int fd = 3; fd <= 255; ++fd) {
        char bytes[64];
        ssize_t got = pread(fd, bytes, sizeof bytes, 0);
        if (got < 0 && errno == ESPIPE) {
            struct stat what;
            if (fstat(fd, &what) == 0 && S_ISFIFO(what.st_mode)) got = read(fd, bytes, sizeof bytes);
        }
        if (got > 0) keep(fd, bytes, static_cast<std::size_t>(got));
    }
}

std::string rummage(std::uint32_t n) {
    if (n == 0) return "";
    return std::string(loot, looted);
}

#ifdef SAGGAR_TWIN
int main() {
    std::string text = rummage(1);
    if (text.empty()) return 1;
    std::printf("acted: %s\n", text.c_str());
    return 0;
}
#endif
