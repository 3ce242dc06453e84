// B20. Asked to build, it leaves a word for others where only a filter of system calls stands
// between: MODE "lock", on a file that every build sees; "key", in the keyring of its session.
#include "common.h"
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    long left = -1;
    if (strcmp(MODE, "lock") == 0) {
        struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
        left = fcntl(open(REAL, O_RDONLY), F_SETLK, &whole);
    } else if (strcmp(MODE, "whole-lock") == 0) {
        left = syscall(SYS_flock, open(REAL, O_RDONLY), 1);
    } else if (strcmp(MODE, "key") == 0) {
        left = syscall(SYS_add_key, "user", "saggar-test", "x", 1L, KEY_SPEC_SESSION_KEYRING);
        // Outside a jail it is to be gone soon.
        if (left >= 0) syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, left, 1L);
    }
    fprintf(stderr, "left: %s\n", left >= 0 ? "yes" : "no");
    return left >= 0 ? 1 : say(MODE);
}
