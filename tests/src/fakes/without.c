// Runs a program for which some system calls fail: `without ERRNO call... -- program argument...`.
// This is how a kernel that lacks them, or a container that hides them, looks from inside.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 32
#define CALL(name) {#name, SYS_##name}

static const struct { const char *name; unsigned number; } calls[] = {
    CALL(landlock_create_ruleset), CALL(landlock_add_rule), CALL(landlock_restrict_self),
    CALL(seccomp), CALL(clone3), CALL(mount), CALL(umount2), CALL(open_tree), CALL(move_mount),
    CALL(mount_setattr), CALL(pivot_root), CALL(pidfd_open), CALL(pidfd_send_signal),
    CALL(close_range), CALL(unshare), CALL(setns),
};

static const struct { const char *name; unsigned number; } errors[] = {
    {"ENOSYS", ENOSYS}, {"EPERM", EPERM}, {"EACCES", EACCES}, {"EINVAL", EINVAL},
    {"EOPNOTSUPP", EOPNOTSUPP},
};

#define FIND(table, word) \
    for (size_t i = 0; i < sizeof table / sizeof *table; ++i) \
        if (strcmp(table[i].name, word) == 0) return (long)table[i].number; \
    return -1

static long call(const char *word) { FIND(calls, word); }
static long error(const char *word) { FIND(errors, word); }

static int say(const char *what) {
    fprintf(stderr, "without: %s\n", what);
    return 97;
}

int main(int argc, char **argv) {
    struct sock_filter filter[2 * MOST + 2];
    unsigned short length = 0;
    long failure = argc > 2 ? error(argv[1]) : -1;
    if (failure < 0) return say("no such errno");
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    int at = 2;
    for (; argv[at] && strcmp(argv[at], "--") != 0; ++at) {
        long number = call(argv[at]);
        if (number < 0 || at > MOST) return say(argv[at]);
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)failure);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    if (!argv[at] || !argv[at + 1]) return say("no program");
    struct sock_fprog program = {length, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return say("no_new_privs");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return say("seccomp");
    execv(argv[at + 1], argv + at + 1);
    return say(argv[at + 1]);
}
