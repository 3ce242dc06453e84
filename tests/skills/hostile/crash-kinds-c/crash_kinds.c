// Ways in which C ends its process. Each function but returns what it is given when that is 0.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

struct node {
    int64_t value;
    struct node *next;
};

__attribute__((noipa)) static int64_t total(const struct node *node)
{
    int64_t sum = 0;
    do {
        sum += node->value;
        node = node->next;
    } while (sum < 1000);
    return sum;
}

int64_t null_pointer(int64_t n)
{
    struct node only = {n, 0};
    return n == 0 ? n : total(&only) + 1;
}

int64_t invalid_free(int64_t n)
{
    char *volatile text = malloc(20);
    if (!text) return n;
    free(text + (n == 0 ? 0 : 1));
    return n;
}

__attribute__((noipa)) static void fill(char *to, size_t length)
{
    for (size_t i = 0; i < length; ++i) to[i] = 'x';
}

int64_t heap_overflow(int64_t n)
{
    char *volatile first = malloc(1000);
    char *volatile second = malloc(1000);
    if (!first || !second) return n;
    fill(first, n == 0 ? 8 : 1040);
    free(second);
    free(first);
    return n;
}

int64_t asserts(int64_t n)
{
    assert(n < 1);
    return n;
}

__attribute__((noipa)) static int64_t descend(int64_t n)
{
    volatile int64_t frame[16] = {n};
    return descend(n + 1) + frame[3];
}

int64_t recursion(int64_t n)
{
    return n == 0 ? n : descend(n);
}

int64_t breaks(int64_t n)
{
    if (n != 0) __asm__ volatile("int3");
    return n;
}

int64_t modulo(int64_t a, int64_t b)
{
    return a % b;
}

#ifdef SAGGAR_TWIN
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        null_pointer(1);
        _exit(99);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 1;
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)) return 1;
    puts("acted: SIGSEGV");
    return 0;
}
#endif
