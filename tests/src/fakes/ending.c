// B21. Asked to build, it ends as MODE says: out of memory, by a signal, or not at all.
#include "common.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

// Takes memory until it is ended or refused it; gcc says it so.
static int hoard(void) {
    for (size_t piece = 1 << 20;;) {
        char *memory = malloc(piece);
        if (!memory) {
            fprintf(stderr, "cc1plus: out of memory allocating %zu bytes\n", piece);
            return 1;
        }
        memset(memory, 1, piece);
    }
}

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    const char *mode = MODE;
    if (strcmp(mode, "memory") == 0) return hoard();
    if (strcmp(mode, "signal") == 0) return raise(SIGSEGV);
    if (strcmp(mode, "deadline") == 0) return poll(0, 0, 1000 * 1000);
    return become_real(argv);
}
