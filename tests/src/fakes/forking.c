// B18. Asked to build, it forks: MODE "count", MOST children at most, which wait for 1000 s, and
// tells how many it got; "bomb", without an end and without counting.
#include "common.h"
#include <errno.h>
#include <poll.h>

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    if (strcmp(MODE, "bomb") == 0)
        for (;;) fork();
    int number = 0;
    while (number < MOST) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) return poll(0, 0, 1000 * 1000);
        ++number;
    }
    fprintf(stderr, "forked: %d (%s)\n", number, number < MOST ? strerror(errno) : "enough");
    return 1;
}
