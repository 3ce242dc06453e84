// Reaches for what belongs to others of the same user, and says what it got: a signal to its parent,
// the parent's environment, the modes of a file that is its user's, the text of one.
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void tell(const char *what, int got) { printf("%s %s; ", what, got ? "got" : "kept"); }

int main(void) {
    char environment[64];
    long parent = getppid();
    snprintf(environment, sizeof environment, "/proc/%ld/environ", parent);
    tell("signal", syscall(SYS_tgkill, parent, parent, 0) == 0);
    tell("environment", open(environment, O_RDONLY) >= 0);
    tell("modes", chmod(VICTIM, 0600) == 0);
    tell("text", open(VICTIM, O_RDONLY) >= 0);
    puts("it is no compiler");
    return 1;
}
