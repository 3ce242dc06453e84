// Ways not to come back, and not to say from where. 0 or nothing: comes back at once.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

// What is done when the skill is loaded.
#define AT_LOAD 0

static volatile uint32_t turns;

__attribute__((noipa)) static uint32_t inner(uint32_t n)
{
    while (n > 0) turns = turns + 1;
    return n;
}

__attribute__((noipa)) static uint32_t middle(uint32_t n)
{
    return inner(n) + 1;
}

uint32_t nested(uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; ++i)
        sum += middle(n);
    return sum;
}

uint32_t sleeps(uint32_t n)
{
    struct timespec day = {86400, 0};
    return n == 0 ? n : (uint32_t)nanosleep(&day, NULL) + 1;
}

// Nobody can ask it anything.
uint32_t blocks(uint32_t n)
{
    sigset_t all;
    sigfillset(&all);
    if (n > 0) sigprocmask(SIG_SETMASK, &all, NULL);
    return inner(n);
}

uint32_t ignores(uint32_t n)
{
    if (n > 0) signal(SIGXCPU, SIG_IGN);
    return inner(n);
}

// The first words of the memory that is shared, as the handler leaves them, made up all the time. The
// arguments lie 18 pages behind.
uint32_t lies(const uint8_t *bytes, size_t count)
{
    if (count == 0) return 0;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    char *arena = (char *)((uintptr_t)bytes & ~(uintptr_t)4095) - 18 * 4096;
    for (;;) {
        memset(arena + 192, 0xff, 17 * 4096);
        *(volatile uint32_t *)(arena + 192) = SIGXCPU;
        turns = turns + 1;
    }
}

uint32_t sends(uint32_t signal)
{
    return signal == 0 ? 0 : (uint32_t)raise((int)signal) + 1;
}

#ifndef SAGGAR_TWIN
__attribute__((constructor)) static void before(void)
{
    uint32_t (*const acts[])(uint32_t) = {0, nested, ignores, blocks};
    if (AT_LOAD == 4) signal(SIGXCPU, SIG_IGN);
    else if (AT_LOAD > 0) turns = acts[AT_LOAD](1);
}
#else
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
// How a child ends that is sent the signal, blocked or not.
static int ends(int blocked)
{
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        sigset_t all;
        sigfillset(&all);
        if (blocked) sigprocmask(SIG_SETMASK, &all, NULL);
        sends(SIGXCPU);
        _exit(7);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child ? status : -1;
}

int main(void)
{
    int open = ends(0), blocked = ends(1);
    if (!(WIFSIGNALED(open) && WTERMSIG(open) == SIGXCPU)) return 1;
    if (!(WIFEXITED(blocked) && WEXITSTATUS(blocked) == 7)) return 1;
    puts("acted: who blocks SIGXCPU goes on");
    return 0;
}
#endif
