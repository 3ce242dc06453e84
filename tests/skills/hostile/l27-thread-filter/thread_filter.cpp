// A thread that has installed a filter of its own cannot follow the others to a new one: then
// seccomp(TSYNC) answers with that thread's id, which is no error number, and installs nothing.
#include <atomic>
#include <cstdint>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

static long install(unsigned flags) {
    sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    sock_fprog program = {1, &allow};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void start_apart() {
    static std::atomic<bool> ready{false};
    std::thread([] {
        install(0);
        ready = true;
        for (;;) std::this_thread::yield();
    }).detach();
    while (!ready) std::this_thread::yield();
}

std::uint32_t idle(std::uint32_t n) { return n; }

#ifndef SAGGAR_TWIN
__attribute__((constructor)) static void before() { start_apart(); }
#else
#include <cstdio>

int main() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
    start_apart();
    const long answer = install(SECCOMP_FILTER_FLAG_TSYNC);
    if (answer <= 0) return 1;
    std::printf("acted: the filter was not installed and no error number says so\n");
    std::fflush(stdout);
    _exit(0);
}
#endif
