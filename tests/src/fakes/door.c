// The interpreter behind a driver that is a script: the real driver is reached through it or, when
// it is SHUT, not at all. What the script itself says stays the same.
#include "common.h"

int main(int argc, char **argv) {
    if (argc < 2) return 96;
#ifdef SHUT
    fputs("the door is shut\n", stderr);
    return 95;
#else
    return become_real(argv + 1);
#endif
}
