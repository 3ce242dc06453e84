// Makes system calls under filters, each in a process of its own, and tells how each ended.
//
//   probe FILTERS < CALLS > OUTCOMES
//
// FILTERS: the programs of a stage, one after the other: the number of instructions (32 bits), and
// the instructions (struct sock_filter). CALLS: a line each of how (0: as this machine's own, 1: by
// int 0x80), number and six arguments, decimal. OUTCOMES: a line each of `killed` (SIGSYS),
// `errno N`, or `passed`, for whatever else came of it.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_fprog programs[64];
static int count;

static int read_filters(const char *path) {
    FILE *file = fopen(path, "rb");
    unsigned length;
    while (file && count < 64 && fread(&length, sizeof length, 1, file) == 1) {
        struct sock_filter *filter = calloc(length, sizeof *filter);
        if (fread(filter, sizeof *filter, length, file) != length) return 0;
        programs[count++] = (struct sock_fprog){length, filter};
    }
    return file && fclose(file) == 0;
}

// A call that may return twice: the one that gets 0 for a new process or thread leaves at once,
// without touching the stack that both may share.
static inline __attribute__((always_inline)) long twice(long number, const long *a) {
    long result = number;
    register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
    __asm__ volatile("syscall\n test %%rax, %%rax\n jnz 1f\n mov $60, %%eax\n xor %%edi, %%edi\n syscall\n1:"
                     : "+a"(result)
                     : "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline __attribute__((always_inline)) long once(long number, const long *a) {
    long result = number;
    register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

// As a program for 32 bits calls; the first three arguments.
static inline __attribute__((always_inline)) long foreign(long number, const long *a) {
    long result = number;
    __asm__ volatile("int $0x80" : "+a"(result) : "b"(a[0]), "c"(a[1]), "d"(a[2]) : "memory");
    return result;
}

// In the child. What comes back stands in shared memory, so that telling takes no call.
static void probe(int how, long number, const long *arguments, volatile long *result) {
    alarm(5);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(3);
    for (int i = 0; i < count; ++i)
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &programs[i]) != 0) _exit(3);
    int doubles = number == SYS_fork || number == SYS_vfork || number == SYS_clone;
    if (how == 1)
        *result = foreign(number, arguments);
    else if (doubles)
        *result = twice(number, arguments);
    else
        *result = once(number, arguments);
    const long leave[6] = {0};
    once(SYS_exit_group, leave);
}

int main(int argc, char **argv) {
    if (argc != 2 || !read_filters(argv[1])) return 2;
    volatile long *result = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (result == MAP_FAILED) return 2;
    int how;
    long number, a[6];
    while (scanf("%d %ld %ld %ld %ld %ld %ld %ld", &how, &number, a, a + 1, a + 2, a + 3, a + 4, a + 5) == 8) {
        *result = 0;
        pid_t child = fork();
        if (child < 0) return 2;
        if (child == 0) probe(how, number, a, result);
        int status;
        if (waitpid(child, &status, 0) != child) return 2;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 3) return 3;
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
            puts("killed");
        else if (*result < 0 && *result >= -4095)
            printf("errno %ld\n", -*result);
        else
            puts("passed");
        fflush(stdout);
    }
    return 0;
}
