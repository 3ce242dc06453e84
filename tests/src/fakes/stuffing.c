// B24. Fills the directory for temporary files, with 64 MiB at most, and then builds.
#include "common.h"
#include <fcntl.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    static char piece[1 << 20];
    for (int number = 0; number < 64; ++number) {
        char path[4096];
        snprintf(path, sizeof path, "%s/cc%d.tmp", getenv("TMPDIR"), number);
        int file = open(path, O_WRONLY | O_CREAT, 0644);
        if (file < 0) break;
        ssize_t written = write(file, piece, sizeof piece);
        close(file);
        if (written < (ssize_t)sizeof piece) break;
    }
    return become_real(argv);
}
