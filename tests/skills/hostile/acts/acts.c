// Acts by number. 0: nothing. Of an act, 1: it was done; else 2 plus the error number it was refused
// with. 1000 and more: what came of the act of that number less 1000 when the skill was loaded.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

// What is done when the skill is loaded.
#define AT_LOAD 0

// Where somebody listens, in the abstract and in the file system, and a file of the host.
static char meeting[] = "saggar-acts-meeting-place";
static char place[108] = "/tmp/saggar-acts-meeting-place";
static char file[108] = "/etc/passwd";

static long victim(void);

// A program that exits with 7, and a function that returns 1.
#if defined __x86_64__
#define MACHINE 62
static const unsigned char exits[] = {0xb8, 0x3c, 0, 0, 0, 0xbf, 7, 0, 0, 0, 0x0f, 0x05};
static const unsigned char returns[] = {0xb8, 1, 0, 0, 0, 0xc3};
#elif defined __aarch64__
#define MACHINE 183
static const unsigned char exits[] = {0xe0, 0, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4};
static const unsigned char returns[] = {0x20, 0, 0x80, 0xd2, 0xc0, 3, 0x5f, 0xd6};
#endif

static uint32_t told(long answer) { return answer >= 0 ? 1 : 2 + (uint32_t)errno; }

static uint32_t run_here(void *memory) {
    __builtin___clear_cache((char *)memory, (char *)memory + sizeof returns);
    uint32_t (*function)(void);
    memcpy(&function, &memory, sizeof function);
    return function();
}

// ---- processes ----

static uint32_t ended(long pid) {
    if (pid == 0) syscall(SYS_exit_group, 0);
    return told(pid);
}

static uint32_t by_clone3(void) {
    struct { uint64_t flags, pidfd, child, parent, signal, stack, size, tls; } how = {0};
    how.signal = SIGCHLD;
    return ended(syscall(SYS_clone3, &how, sizeof how));
}

static uint32_t by_clone(void) { return ended(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }

static uint32_t by_vfork(void) {
#ifdef SYS_vfork
    // vfork(2) as clone(2) has it: raw, it would return into a frame that is gone.
    pid_t pid = vfork();
    if (pid == 0) _exit(0);
    return told(pid);
#else
    return by_clone();
#endif
}

static long program_in_memory(const unsigned char *code, size_t length) {
    struct {
        unsigned char ident[16];
        uint16_t type, machine; uint32_t version;
        uint64_t entry, programs, sections;
        uint32_t flags; uint16_t own, each, count, s[3];
        uint32_t kind, rights; uint64_t at, address, physical, in_file, in_memory, align;
    } head = {{0x7f, 'E', 'L', 'F', 2, 1, 1}, 2, MACHINE, 1, 0x400078, 64, 0,
              0, 64, 56, 1, {0}, 1, 5, 0, 0x400000, 0x400000, 0, 0, 4096};
    head.in_file = head.in_memory = sizeof head + length;
    long fd = syscall(SYS_memfd_create, "program", 0);
    if (fd < 0) return -1;
    if (write((int)fd, &head, sizeof head) < 0 || write((int)fd, code, length) < 0) return -1;
    return fd;
}

static uint32_t memfd_exec(void) {
    long fd = program_in_memory(exits, sizeof exits);
    if (fd < 0) return told(fd);
    char *none[] = {NULL};
    return told(syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH));
}

static uint32_t exec(void) {
    char *none[] = {NULL};
    return told(syscall(SYS_execve, "/sidecar", none, none));
}

// ---- executable memory ----

static uint32_t memfd_map(void) {
    long fd = syscall(SYS_memfd_create, "code", 0);
    if (fd < 0 || write((int)fd, returns, sizeof returns) < 0) return told(-1);
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, (int)fd, 0);
    return memory == MAP_FAILED ? told(-1) : run_here(memory);
}

// L28: two mappings of one page, of which MDWE sees neither turn executable.
static uint32_t memfd_twice(void) {
    long fd = syscall(SYS_memfd_create, "code", 0);
    if (fd < 0 || syscall(SYS_ftruncate, fd, 4096) < 0) return told(-1);
    void *writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
    if (writable == MAP_FAILED) return told(-1);
    void *executable = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, (int)fd, 0);
    if (executable == MAP_FAILED) return told(-1);
    memcpy(writable, returns, sizeof returns);
    return run_here(executable);
}

static uint32_t mmap_exec(void) {
    const int all = PROT_READ | PROT_WRITE | PROT_EXEC;
    void *memory = mmap(NULL, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return told(-1);
    memcpy(memory, returns, sizeof returns);
    return run_here(memory);
}

static uint32_t mprotect_exec(void) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return told(-1);
    memcpy(memory, returns, sizeof returns);
    if (mprotect(memory, 4096, PROT_READ | PROT_EXEC) != 0) return told(-1);
    return run_here(memory);
}

// ---- other processes ----

static char known[16] = "known to nobody";
static char copied[16];

static uint32_t trace(void) {
    long pid = victim();
    uint32_t came = told(syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, pid, 0, 0));
    if (came == 1) kill((pid_t)pid, SIGKILL);
    return came;
}

struct piece { void *at; size_t length; };

static uint32_t vm(long number) {
    struct piece ours = {copied, sizeof copied}, theirs = {known, sizeof known};
    return told(syscall(number, victim(), &ours, 1, &theirs, 1, 0));
}

static uint32_t vm_read(void) { return vm(SYS_process_vm_readv); }
static uint32_t vm_write(void) { return vm(SYS_process_vm_writev); }

static uint32_t take_descriptor(void) {
    long handle = syscall(SYS_pidfd_open, victim(), 0);
    return handle < 0 ? told(handle) : told(syscall(SYS_pidfd_getfd, handle, 0, 0));
}

static uint32_t compare(void) {
    return told(syscall(SYS_kcmp, victim(), syscall(SYS_getpid), 1 /* KCMP_VM */, 0, 0));
}

static uint32_t open_memory(void) {
    char path[] = "/proc/0000000/mem";
    long pid = victim();
    for (int digit = 12; digit > 5; pid /= 10) path[digit--] = (char)('0' + pid % 10);
    // The kernel knows no process by a number that begins with 0.
    char *from = path + 6;
    while (*from == '0') ++from;
    memmove(path + 6, from, strlen(from) + 1);
    return told(syscall(SYS_openat, AT_FDCWD, path, O_RDWR));
}

static uint32_t kill_parent(void) { return told(syscall(SYS_kill, syscall(SYS_getppid), SIGKILL)); }
static uint32_t kill_all(void) { return told(syscall(SYS_kill, -1, SIGKILL)); }

static uint32_t signal_other(void) {
    long pid = victim();
    return told(syscall(SYS_tgkill, pid, pid, SIGUSR1));
}

// ---- sockets ----

static uint32_t meet(const char *name, int abstract) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd < 0 ? told(-1) : told(connect(fd, (struct sockaddr *)&address, length));
}

static uint32_t abstract_socket(void) { return meet(meeting, 1); }
static uint32_t path_socket(void) { return meet(place, 0); }

static uint32_t pair(void) {
    int ends[2];
    return told(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static uint32_t udp(void) {
    struct { uint16_t family, port; unsigned char host[4], rest[8]; } to = {
        AF_INET, 0x0900, {127, 0, 0, 1}, {0}};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return fd < 0 ? told(-1) : told(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to));
}

static uint32_t vsock(void) { return told(socket(40 /* AF_VSOCK */, SOCK_STREAM, 0)); }
static uint32_t netlink(void) { return told(socket(AF_NETLINK, SOCK_RAW, 0)); }

// ---- the kernel ----

static uint32_t keyring(void) { return told(syscall(SYS_keyctl, 0, -3 /* of the session */, 1)); }
static uint32_t key(void) { return told(syscall(SYS_add_key, "user", "saggar", "x", 1, -2)); }

static uint32_t bpf(void) {
    uint32_t map[32] = {2 /* BPF_MAP_TYPE_ARRAY */, 4, 4, 1};
    return told(syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, map, sizeof map));
}

static uint32_t perf(void) {
    uint64_t what[16] = {1 /* PERF_TYPE_SOFTWARE */ | (uint64_t)sizeof what << 32};
    what[5] = 0x60; // exclude_kernel, exclude_hv
    return told(syscall(SYS_perf_event_open, what, 0, -1, -1, 0));
}

static uint32_t faults(void) { return told(syscall(SYS_userfaultfd, 1 /* user mode only */)); }
static uint32_t persona(void) { return told(syscall(SYS_personality, 0x0040000)); }
static uint32_t type_in(void) { return told(syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, "x")); }
static uint32_t leave(void) { return told(syscall(SYS_unshare, CLONE_NEWUSER)); }
static uint32_t enter(void) { return told(syscall(SYS_setns, 0, CLONE_NEWUTS)); }
static uint32_t attach(void) { return told(syscall(SYS_mount, "none", "/", "tmpfs", 0, 0)); }
static uint32_t root(void) { return told(syscall(SYS_chroot, "/")); }

static uint32_t filter(void) {
    struct { uint16_t code; uint8_t yes, no; uint32_t k; } allow = {6, 0, 0, 0x7fff0000};
    struct { uint16_t length; void *first; } program = {1, &allow};
    return told(syscall(SYS_seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, 0, &program));
}

// ---- what Landlock leaves open ----

static uint32_t look(void) {
    uint64_t about[32];
    return told(syscall(SYS_newfstatat, AT_FDCWD, file, about, 0));
}

static uint32_t ask(void) { return told(syscall(SYS_faccessat, AT_FDCWD, file, R_OK)); }
static uint32_t ask_old(void) {
#ifdef SYS_access
    return told(syscall(SYS_access, file, R_OK));
#else
    return ask();
#endif
}
static uint32_t mode(void) { return told(syscall(SYS_fchmodat, AT_FDCWD, file, 0600)); }
static uint32_t owner(void) { return told(syscall(SYS_fchownat, AT_FDCWD, file, -1, -1, 0)); }
static uint32_t times(void) { return told(syscall(SYS_utimensat, AT_FDCWD, file, NULL, 0)); }

// ---- other doors ----

static uint32_t x32(void) {
#ifdef __x86_64__
    return told(syscall(0x40000000 | SYS_getpid));
#else
    return told(syscall(SYS_getpid));
#endif
}

static uint32_t int80(void) {
#ifdef __x86_64__
    long answer;
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    errno = answer < 0 ? (int)-answer : 0;
    return told(answer);
#else
    return told(syscall(SYS_getpid));
#endif
}

// How a twin goes about an act.
enum how {
    PLAIN,    // it is done
    PRIVATE,  // it is done in user, pid and mount namespaces of its own, or it would do harm
    ANSWERED, // the kernel looks at it, and may refuse it to everybody or to the ordinary user
    NO_FILES, // it is done by one whom Landlock allows no file, where the kernel has Landlock
    MDWE,     // it is done under PR_SET_MDWE, where the kernel has it
};

static const struct { const char *name; uint32_t (*act)(void); enum how how; } acts[] = {
    {"nothing", NULL, PLAIN},
    {"L02-x32", x32, ANSWERED}, // ENOSYS where the kernel is built without x32
    {"L03-int80", int80, PLAIN},
    {"L05-clone3", by_clone3, PLAIN},
    {"L05-clone", by_clone, PLAIN},
    {"L05-vfork", by_vfork, PLAIN},
    {"L06-memfd-exec", memfd_exec, NO_FILES},
    {"L06-memfd-map", memfd_map, NO_FILES},
    {"L06-exec", exec, ANSWERED}, // there is no such program outside
    {"L07-mmap", mmap_exec, PLAIN},
    {"L07-mprotect", mprotect_exec, PLAIN},
    {"L09-ptrace", trace, PLAIN},
    {"L09-vm-read", vm_read, PLAIN},
    {"L09-vm-write", vm_write, PLAIN},
    {"L09-pidfd-getfd", take_descriptor, PLAIN},
    {"L09-kcmp", compare, PLAIN},
    {"L09-proc-mem", open_memory, PLAIN},
    {"L10-parent", kill_parent, PRIVATE},
    {"L10-all", kill_all, PRIVATE},
    {"L10-tgkill", signal_other, PLAIN},
    {"L11-abstract", abstract_socket, PLAIN},
    {"L11-path", path_socket, PLAIN},
    {"L11-pair", pair, PLAIN},
    {"L12-udp", udp, PLAIN},
    {"L12-vsock", vsock, ANSWERED}, // a kernel may be built without
    {"L12-netlink", netlink, PLAIN},
    {"L13-keyctl", keyring, PLAIN},
    {"L13-add-key", key, PLAIN},
    {"L13-bpf", bpf, ANSWERED},             // kernel.unprivileged_bpf_disabled
    {"L13-perf", perf, ANSWERED},           // kernel.perf_event_paranoid
    {"L13-userfaultfd", faults, ANSWERED},  // a kernel may be built without
    {"L13-personality", persona, PLAIN},
    {"L13-tiocsti", type_in, ANSWERED},     // ENOTTY; dev.tty.legacy_tiocsti
    {"L13-unshare", leave, PLAIN},
    {"L13-setns", enter, ANSWERED},         // it has no namespace at hand
    {"L13-mount", attach, PRIVATE},
    {"L13-chroot", root, PRIVATE},
    {"L27-filter", filter, ANSWERED},       // no_new_privs is not set outside
    {"L14-stat", look, PLAIN},
    {"L14-access", ask_old, PLAIN},
    {"L14-faccessat", ask, PLAIN},
    {"L14-chmod", mode, PLAIN},
    {"L14-chown", owner, PLAIN},
    {"L14-times", times, PLAIN},
    {"L28-twice", memfd_twice, MDWE},
};

#define COUNT (sizeof acts / sizeof acts[0])

static uint32_t at_load[COUNT];

uint32_t act(uint32_t n) {
    if (n >= 1000) return n - 1000 < COUNT ? at_load[n - 1000] : 0;
    return n > 0 && n < COUNT ? acts[n].act() : 0;
}

#ifndef SAGGAR_TWIN
static long victim(void) { return 1; }

__attribute__((constructor)) static void before(void) {
    static const uint32_t numbers[] = {AT_LOAD};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; ++i)
        at_load[numbers[i]] = act(numbers[i]);
}
#else
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

static pid_t child;

// A child of whoever acts, who ends it.
static long victim(void) {
    child = fork();
    if (child == 0) for (;;) pause();
    return child;
}

// Opens a socket.
static void listen_here(const char *name, int abstract) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 64) != 0) exit(2);
}

static int succeeds(int status, int signal) {
    if (signal) return WIFSIGNALED(status) && WTERMSIG(status) == signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int waited(pid_t pid) {
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

// Every right of Landlock's first ABI is held, and nothing allowed.
static void allow_no_file(void) {
    uint64_t rights = 0x1fff;
    long rules = syscall(SYS_landlock_create_ruleset, &rights, sizeof rights, 0);
    if (rules < 0) return;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_landlock_restrict_self, rules, 0) != 0) _exit(2);
    if (open("/dev/null", O_RDONLY) >= 0) _exit(3);
}

// 0 when it was done, which a program that takes its place says with 7.
static void perform(uint32_t n) {
    if (acts[n].how == NO_FILES) allow_no_file();
    if (acts[n].how == MDWE) prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0);
    uint32_t came = act(n);
    if (child > 0) kill(child, SIGKILL), waited(child);
    int seen = acts[n].how == ANSWERED ? came != 0 : came == 1;
    if (!seen) fprintf(stderr, "%s: %u\n", acts[n].name, came);
    _exit(seen ? 0 : 1);
}

static int plainly(uint32_t n) {
    pid_t pid = fork();
    if (pid == 0) perform(n);
    int status = waited(pid);
    return succeeds(status, 0) || (acts[n].act == memfd_exec && WEXITSTATUS(status) == 7);
}

// In a disposable jail whose first process is the parent of who acts and of one more.
static int privately(uint32_t n) {
    pid_t jail = fork();
    if (jail == 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) != 0) _exit(2);
        pid_t first = fork();
        if (first == 0) {
            pid_t parent = fork();
            if (parent == 0) {
                pid_t other = fork();
                if (other == 0) for (;;) pause();
                pid_t actor = fork();
                if (actor == 0) perform(n);
                int acted = succeeds(waited(actor), 0);
                // The other one shows what kill(-1) does, and its end that nothing else did it.
                if (acts[n].act != kill_all) kill(other, SIGKILL);
                _exit(succeeds(waited(other), SIGKILL) && acted ? 0 : 1);
            }
            int killed = acts[n].act == kill_parent || acts[n].act == kill_all;
            _exit(succeeds(waited(parent), killed ? SIGKILL : 0) ? 0 : 1);
        }
        _exit(succeeds(waited(first), 0) ? 0 : 1);
    }
    return succeeds(waited(jail), 0);
}

int main(void) {
    snprintf(meeting, sizeof meeting, "saggar-twin-%d", (int)getpid());
    snprintf(place, sizeof place, "/tmp/saggar-twin-%d", (int)getpid());
    strcpy(file, "/tmp/saggar-twin-XXXXXX");
    if (mkstemp(file) < 0) return 2;
    listen_here(meeting, 1);
    listen_here(place, 0);
    int failed = 0;
    for (uint32_t n = 1; n < COUNT; ++n) {
        int done = acts[n].how == PRIVATE ? privately(n) : plainly(n);
        if (!done) fprintf(stderr, "%s was not done\n", acts[n].name);
        failed += !done;
    }
    unlink(place);
    unlink(file);
    if (failed) return 1;
    printf("acted:");
    for (uint32_t n = 1; n < COUNT; ++n) printf(" %u=%s", n, acts[n].name);
    printf("\n");
    return 0;
}
#endif
