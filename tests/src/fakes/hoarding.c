// B24. Asked to build, it fills the work directory with files, each well below the largest that is
// allowed, up to MEBIBYTES together; then it builds.
#include "common.h"
#include <fcntl.h>

int main(int argc, char **argv) {
    static char block[1 << 20];
    if (argc < 2 || is_question(argv)) return become_real(argv);
    for (int i = 0; i < MEBIBYTES; ++i) {
        char name[32];
        snprintf(name, sizeof name, "tmp/%d", i / 64);
        int file = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (file < 0 || write(file, block, sizeof block) < 0) return say(name);
        close(file);
    }
    return become_real(argv);
}
