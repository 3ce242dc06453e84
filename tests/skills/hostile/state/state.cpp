// What a process can inherit, by itself. 0: nothing; 1: now; 2: as it was when loaded.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

// In static memory, since a constructor may run before those of other statics.
struct Text {
    char bytes[4096];
    std::size_t length;
};

static void add(Text &text, const char *name, std::uint64_t value) {
    text.length += std::snprintf(text.bytes + text.length, 64, "%s %llx;", name,
                                 static_cast<unsigned long long>(value));
}

static void look(Text &text) {
    text.length = 0;
    for (int fd = 0; fd < 256; ++fd)
        if (syscall(SYS_fcntl, fd, 1 /* F_GETFD */) >= 0) add(text, "descriptor", fd);
    std::uint64_t variables = 0;
    while (environ != nullptr && environ[variables] != nullptr) ++variables;
    add(text, "variables", variables);

    std::uint32_t head[2] = {0x20080522, 0}, sets[6] = {};
    if (syscall(SYS_capget, head, sets) != 0) add(text, "capget", 1);
    add(text, "effective", sets[0] | std::uint64_t{sets[3]} << 32);
    add(text, "permitted", sets[1] | std::uint64_t{sets[4]} << 32);
    add(text, "inheritable", sets[2] | std::uint64_t{sets[5]} << 32);
    std::uint64_t bounding = 0, ambient = 0;
    for (int capability = 0; capability <= 40; ++capability) {
        if (syscall(SYS_prctl, 23 /* PR_CAPBSET_READ */, capability, 0, 0, 0) != 0)
            bounding |= std::uint64_t{1} << capability;
        if (syscall(SYS_prctl, 47 /* PR_CAP_AMBIENT */, 1, capability, 0, 0) != 0)
            ambient |= std::uint64_t{1} << capability;
    }
    add(text, "bounding", bounding);
    add(text, "ambient", ambient);

    std::uint64_t blocked = 0, ignored = 0, pending = 0;
    if (syscall(SYS_rt_sigprocmask, 0, nullptr, &blocked, 8) != 0) add(text, "sigprocmask", 1);
    if (syscall(SYS_rt_sigpending, &pending, 8) != 0) add(text, "sigpending", 1);
    for (int signal = 1; signal <= 64; ++signal) {
        std::uint64_t action[4] = {};
        if (syscall(SYS_rt_sigaction, signal, nullptr, action, 8) != 0) add(text, "sigaction", 1);
        if (action[0] == 1) ignored |= std::uint64_t{1} << (signal - 1);
    }
    add(text, "blocked", blocked);
    add(text, "pending", pending);
    add(text, "ignored", ignored);

    const long mask = syscall(SYS_umask, 022);
    syscall(SYS_umask, mask);
    add(text, "mask", mask);
    std::uint64_t core[2] = {1, 1};
    if (syscall(SYS_prlimit64, 0, 4 /* RLIMIT_CORE */, nullptr, core) != 0) add(text, "prlimit", 1);
    add(text, "core", core[0] | core[1]);
    add(text, "dumpable", syscall(SYS_prctl, 3 /* PR_GET_DUMPABLE */, 0, 0, 0, 0));
    add(text, "gains", syscall(SYS_prctl, 39 /* PR_GET_NO_NEW_PRIVS */, 0, 0, 0, 0) == 0);
    char path[256] = {};
    if (syscall(SYS_getcwd, path, sizeof path) < 0) add(text, "getcwd", 1);
    add(text, "elsewhere", std::strcmp(path, "/") != 0);
}

static Text then;

__attribute__((constructor)) static void at_load() { look(then); }

std::string see(std::uint32_t n) {
    static Text now;
    if (n == 0) return "";
    if (n == 1) look(now);
    const Text &text = n == 1 ? now : then;
    return std::string(text.bytes, text.length);
}

#ifdef SAGGAR_TWIN
int main() {
    std::printf("acted: %s\n", see(1).c_str());
    return 0;
}
#endif
