// B26. Answers every question as g++ does, but gives its own VERSION.
#include "common.h"

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "-dumpfullversion") == 0) return puts(VERSION) < 0;
    return become_real(argv);
}
