// What the fake drivers share: they answer questions as the real driver does.
#ifndef COMMON_H
#define COMMON_H
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef REAL
#define REAL "/usr/bin/g++"
#endif

static int starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

// Whether the driver is asked what it is, by options or by a trial, not to build.
static int is_question(char **argv) {
    for (int i = 1; argv[i]; ++i)
        if (starts(argv[i], "-dump") || starts(argv[i], "-print-") || strcmp(argv[i], "--version") == 0 ||
            strcmp(argv[i], "-###") == 0 || strcmp(argv[i], "saggar+trial.h") == 0 ||
            starts(argv[i], "saggar+runtime."))
            return 1;
    return 0;
}

// The word after an option; null if the option is not there.
static char *after(char **argv, const char *option) {
    for (int i = 1; argv[i]; ++i)
        if (strcmp(argv[i], option) == 0) return argv[i + 1];
    return 0;
}

static int has(char **argv, const char *option) {
    for (int i = 1; argv[i]; ++i)
        if (strcmp(argv[i], option) == 0) return 1;
    return 0;
}

static int say(const char *what) {
    perror(what);
    return 97;
}

// Becomes the real driver with the same arguments.
static int become_real(char **argv) {
    argv[0] = (char *)REAL;
    execv(REAL, argv);
    return say(REAL);
}

// Runs the real driver with the same arguments; its exit code.
static int run_real(char **argv) {
    pid_t child = fork();
    if (child < 0) return say("fork");
    if (child == 0) _exit(become_real(argv));
    int status = 0;
    if (waitpid(child, &status, 0) != child) return say("wait");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
#endif
