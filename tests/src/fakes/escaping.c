// B19. Asked to build, it does what a build script could: it reaches for the network, at PORT of
// this machine, and for the files of whoever builds: SECRET, and what else lies beside it.
#include "common.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

static void tell(const char *what, int ok) {
    fprintf(stderr, "%s: %s\n", what, ok ? "reached" : strerror(errno));
}

// Whether there is anything in /dev.
static int devices(void) {
    DIR *dev = opendir("/dev");
    for (struct dirent *entry; dev && (entry = readdir(dev));)
        if (entry->d_name[0] != '.') return 1;
    errno = ENOENT;
    return 0;
}

static void reach_out(int kind, const char *what) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, kind, 0);
    tell(what, s >= 0 && connect(s, (struct sockaddr *)&to, sizeof to) == 0);
}

int main(int argc, char **argv) {
    if (argc < 2 || is_question(argv)) return become_real(argv);
    tell("file", open(SECRET, O_RDONLY) >= 0);
    tell("home", opendir(HOME) != 0);
    tell("process", open("/proc/self/environ", O_RDONLY) >= 0);
    tell("devices", devices());
    tell("device", open("/dev/null", O_RDONLY) >= 0);
    reach_out(SOCK_DGRAM, "datagram");
    reach_out(SOCK_STREAM, "stream");
    return 1;
}
