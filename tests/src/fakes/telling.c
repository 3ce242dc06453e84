// B14. Asked to build, it tells its whole environment, a line for each variable.
#include "common.h"

extern char **environ;

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    for (char **variable = environ; *variable; ++variable) fprintf(stderr, "env: %s\n", *variable);
    return 1;
}
