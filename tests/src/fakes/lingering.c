// B17. Asked to build, it leaves a daemon of a session of its own, named MARKER, and hangs. Both
// would wait for 1000 s.
#include "common.h"
#include <poll.h>

static int hang(void) { return poll(0, 0, 1000 * 1000); }

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], MARKER) == 0) return hang();
    if (is_question(argv)) return become_real(argv);
    pid_t child = fork();
    if (child < 0) return say("fork");
    if (child == 0) {
        if (setsid() < 0) _exit(say("setsid"));
        pid_t daemon = fork();
        if (daemon != 0) _exit(daemon < 0 ? say("fork") : 0);
        execl(SELF, "daemon", MARKER, (char *)0);
        _exit(say(SELF));
    }
    return hang();
}
