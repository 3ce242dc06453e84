// B20. Two builds that would like to meet. The one whose source says PLANT leaves something in
// every place and waits, as MARKER, until there is a file GO; the other looks in every place. NAME
// and KEY are what they agreed on.
#include "common.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

static void tell(const char *what, int ok) {
    fprintf(stderr, "%s: %s\n", what, ok ? "met" : strerror(errno));
}

static int plants(void) {
    char text[4096] = "";
    FILE *source = fopen("skill.cpp", "r");
    return source && fread(text, 1, sizeof text - 1, source) > 0 && strstr(text, "PLANT");
}

// A Unix socket that is bound or connected to an abstract name.
static int in_the_abstract(int (*act)(int, const struct sockaddr *, socklen_t)) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path + 1, NAME);
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);
    return s >= 0 && act(s, (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + 1 + sizeof NAME) == 0;
}

static const char *const files[] = {"/tmp/" NAME, "/dev/shm/" NAME, "/var/tmp/" NAME};

static void plant(void) {
    for (int i = 0; i < 3; ++i) tell(files[i], open(files[i], O_CREAT | O_WRONLY, 0666) >= 0);
    tell("abstract socket", in_the_abstract(bind));
    tell("shared memory", shmget(KEY, 4096, IPC_CREAT | 0666) >= 0);
    tell("message queue", msgget(KEY, IPC_CREAT | 0666) >= 0);
}

static void look(void) {
    for (int i = 0; i < 3; ++i) tell(files[i], open(files[i], O_RDONLY) >= 0);
    tell("abstract socket", in_the_abstract(connect));
    tell("shared memory", shmget(KEY, 4096, 0) >= 0);
    tell("message queue", msgget(KEY, 0) >= 0);
}

static int wait_and_clear(void) {
    while (access(GO, F_OK) != 0) poll(0, 0, 5);
    for (int i = 0; i < 3; ++i) unlink(files[i]);
    shmctl(shmget(KEY, 4096, 0), IPC_RMID, 0);
    msgctl(msgget(KEY, 0), IPC_RMID, 0);
    return 1;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], MARKER) == 0) return wait_and_clear();
    if (is_question(argv)) return become_real(argv);
    if (!plants()) return look(), 1;
    plant();
    execl(SELF, "meeting", MARKER, (char *)0);
    return say(SELF);
}
