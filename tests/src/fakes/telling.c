// B14. Asked to build, it tells its whole environment, a line for each variable, and how many files it
// may have open.
#include "common.h"

#include <sys/resource.h>

extern char **environ;

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    for (char **variable = environ; *variable; ++variable) fprintf(stderr, "env: %s\n", *variable);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        fprintf(stderr, "files: %lu %lu\n", (unsigned long)files.rlim_cur, (unsigned long)files.rlim_max);
    }
    return 1;
}
