// B15, B16. Links as it is told to, but leaves something else than one regular file where the
// output belongs: MODE says what.
#include "common.h"
#include <sys/stat.h>

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    char *out = after(argv, "-o");
    if (has(argv, "-c") || !out) return become_real(argv);
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
