// B15, B16. A linker that links as it is told to, but leaves something else than one regular file
// where the output belongs: MODE says what. Only a skill in C++ is linked so.
#define REAL "/usr/bin/ld"
#include "common.h"
#include <stdlib.h>
#include <sys/stat.h>

// Whether a file holds the name of the unit that skills in C++ are compiled as.
static int is_skill(const char *path) {
    struct stat is;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &is) != 0) return 0;
    char *bytes = malloc(is.st_size + 1);
    size_t length = fread(bytes, 1, is.st_size, file);
    fclose(file);
    return memmem(bytes, length, UNIT, strlen(UNIT)) != 0;
}

int main(int argc, char **argv) {
    int skill = 0;
    for (int i = 1; i < argc; ++i) {
        size_t length = strlen(argv[i]);
        if (length > 2 && strcmp(argv[i] + length - 2, ".o") == 0) skill |= is_skill(argv[i]);
    }
    char *out = after(argv, "-o");
    if (!skill || !out) return become_real(argv);
    char other[4096];
    snprintf(other, sizeof other, "%s.other", out);
    const char *mode = MODE;
    const char *slash = strrchr(other, '/');
    const char *beside = slash ? slash + 1 : other;
    // The linker writes through a link that is there already.
    if (strcmp(mode, "through") == 0) {
        unlink(out);
        if (symlink(beside, out) != 0) return say("symlink");
        return run_real(argv);
    }
    int code = run_real(argv);
    if (code != 0) return code;
    if (strcmp(mode, "hard") == 0) return link(out, other) == 0 ? 0 : say("link");
    if (rename(out, other) != 0) return say("rename");
    if (strcmp(mode, "symlink") == 0) return symlink(beside, out) == 0 ? 0 : say("symlink");
    if (strcmp(mode, "fifo") == 0) return mkfifo(out, 0644) == 0 ? 0 : say("mkfifo");
    if (strcmp(mode, "directory") == 0) return mkdir(out, 0755) == 0 ? 0 : say("mkdir");
    return 96;
}
