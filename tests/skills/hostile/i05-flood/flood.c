// I05. Prints so many KiB, whether they are taken or not, and returns how many were.
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef AT_LOAD
#define AT_LOAD 0
#endif

uint32_t flood(uint32_t kibibytes, bool crash) {
    char line[1024];
    memset(line, '.', sizeof line);
    memcpy(line, "flood ", 6);
    line[sizeof line - 1] = '\n';
    uint32_t taken = 0;
    for (uint32_t i = 0; i < kibibytes; ++i) taken += write(1 + i % 2, line, sizeof line) == sizeof line;
    if (crash) abort();
    return taken;
}

#ifndef SAGGAR_TWIN
__attribute__((constructor)) static void before(void) { flood(AT_LOAD, AT_LOAD > 0); }
#else
#include <fcntl.h>
#include <stdio.h>

// A host that takes all that is printed.
int main(void) {
    char path[] = "/tmp/saggar-twin-XXXXXX";
    int all = mkstemp(path), out = dup(1), err = dup(2);
    if (all < 0 || unlink(path) != 0 || dup2(all, 1) < 0 || dup2(all, 2) < 0) return 1;
    uint32_t taken = flood(4096, false);
    dup2(out, 1), dup2(err, 2);
    if (taken != 4096 || lseek(all, 0, SEEK_END) != 4 << 20) return 1;
    printf("acted: 4 MiB\n");
    return 0;
}
#endif
