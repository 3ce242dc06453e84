// Ways to end by number. 0: returns 0. What returns otherwise says so by another number.
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// What is done when the skill is loaded.
#define AT_LOAD 0

static void all_is_well(int signal) {
    (void)signal;
    _exit(0);
}

static void all_was_well(void) { _exit(0); }

// 3 if the handler is in place.
static uint32_t handle(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = all_is_well;
    return sigaction(SIGSEGV, &action, NULL) == 0 ? 3 : 4;
}

static uint32_t crash(void) {
    *(volatile int *)8 = 1;
    return 5;
}

static uint32_t handled_crash(void) {
    handle();
    return crash();
}

static uint32_t leave(void) { exit(3); }

static uint32_t overridden(void) {
    atexit(all_was_well);
    exit(3);
}

static uint32_t give_up(void) { abort(); }

static jmp_buf back;
static volatile int jumped;

// Jumps into a function that has returned: anything may come of it.
static __attribute__((noinline)) int remember(void) { return _setjmp(back); }

static uint32_t jump(void) {
    if (remember() == 0 && !jumped) {
        jumped = 1;
        volatile char other[4096];
        memset((char *)other, 0, sizeof other);
        _longjmp(back, 1);
    }
    return 6;
}

static uint32_t self(int signal) {
    long pid = syscall(SYS_getpid);
    syscall(SYS_tgkill, pid, syscall(SYS_gettid), signal);
    return 7;
}

static uint32_t stop(void) { return self(SIGSTOP); }
static uint32_t die(void) { return self(SIGKILL); }

static void *spin(void *nothing) {
    for (volatile int i = 0;; i = i + 1) {}
    return nothing;
}

static uint32_t stay(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, spin, NULL) == 0 ? 1 : 8;
}

// The first thread alone ends, and nobody is left to answer.
static uint32_t half(void) {
    stay();
    syscall(SYS_exit, 0);
    return 9;
}

static uint32_t loop(void) {
    spin(NULL);
    return 10;
}

static __attribute__((noinline)) uint32_t descend(volatile uint32_t *above) {
    volatile uint32_t here[64];
    here[0] = above ? above[0] + 1 : 0;
    uint32_t below = descend(here);
    return here[0] + below;
}

static uint32_t sink(void) { return descend(NULL); }

static uint32_t hoard(void) {
    uint32_t got = 0;
    for (; got < 256; ++got) {
        char *piece = malloc(1 << 20);
        if (piece == NULL) abort();
        memset(piece, 1, 1 << 20);
    }
    return got;
}

static const struct {
    const char *name;
    uint32_t (*end)(void);
    int signal; // that ends a process without protection; -1: it goes on
    int code;   // or that it exits with
} ends[] = {
    {"nothing", NULL, 0, 0},
    {"L16-handled-crash", handled_crash, 0, 0},
    {"L17-exit", leave, 0, 3},
    {"L17-atexit", overridden, 0, 0},
    {"L17-abort", give_up, SIGABRT, 0},
    {"L17-jump", jump, 0, 0},
    {"L17-stop", stop, -1, 0},
    {"L17-kill", die, SIGKILL, 0},
    {"L17-half", half, -1, 0},
    {"L19-loop", loop, -1, 0},
    {"L19-stack", sink, SIGSEGV, 0},
    {"L19-memory", hoard, 0, 0},
    {"L18-thread", stay, 0, 0},
    {"L16-handler", handle, 0, 0},
    {"L16-crash", crash, SIGSEGV, 0},
};

#define COUNT (sizeof ends / sizeof ends[0])

uint32_t end(uint32_t n) { return n > 0 && n < COUNT ? ends[n].end() : 0; }

#ifndef SAGGAR_TWIN
__attribute__((constructor)) static void before(void) { end(AT_LOAD); }
#else
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

// Whether a child that ends so does as the table says. A naive host takes exit code 0 for a success.
static int ends_so(uint32_t n) {
    int ready[2];
    if (pipe(ready) != 0) return 0;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        close(ready[0]);
        if (ends[n].signal == -1) alarm(1);
        end(n);
        _exit(ends[n].end == jump || n >= 11 ? 0 : 99);
    }
    close(ready[1]);
    int status = 0;
    // What goes on is ended by its alarm, or stopped, or is half gone.
    if (waitpid(child, &status, WUNTRACED) != child) return 0;
    if (ends[n].signal == -1) {
        int stopped = WIFSTOPPED(status);
        if (stopped) kill(child, SIGKILL), waitpid(child, NULL, 0);
        return stopped || (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
    }
    if (ends[n].end == jump) return 1; // into a frame that is gone: anything may come of it
    if (ends[n].signal) return WIFSIGNALED(status) && WTERMSIG(status) == ends[n].signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == ends[n].code;
}

int main(void) {
    int failed = 0;
    for (uint32_t n = 1; n < COUNT; ++n) {
        int done = ends_so(n);
        if (!done) fprintf(stderr, "%s did not end so\n", ends[n].name);
        failed += !done;
    }
    if (failed) return 1;
    printf("acted:");
    for (uint32_t n = 1; n < COUNT; ++n) printf(" %u=%s", n, ends[n].name);
    printf("\n");
    return 0;
}
#endif
