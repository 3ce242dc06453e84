// B29. Asked to compile, it waits, as MARKER, until there is a file GO, and then does.
#include "common.h"
#include <poll.h>

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], MARKER) == 0) {
        while (access(GO, F_OK) != 0) poll(0, 0, 5);
        return become_real(argv + 1);
    }
    if (argc < 2 || is_question(argv) || !has(argv, "-c")) return become_real(argv);
    char *marked[argc + 2];
    marked[0] = argv[0];
    marked[1] = (char *)MARKER;
    for (int i = 1; i <= argc; ++i) marked[i + 1] = argv[i];
    execv(SELF, marked);
    return say(SELF);
}
