#ifndef EARMARK_CPROCESS_CONFINE_H
#define EARMARK_CPROCESS_CONFINE_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define CPROCESS_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CPROCESS_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define CPROCESS_ALLOW(call)                                  \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* The same, if an argument (from 0, int) has one value; else EPERM. */
#define CPROCESS_ALLOW_WITH(call, argument, value)                                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 4),                              \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[argument])), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),                                \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),                                    \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

/* Lowers the limits of a resource; root, too, raises none that was set for it. At the soft one of processor time comes
   SIGXCPU, at the hard one SIGKILL. */
static inline int cprocess_limit(int resource, unsigned long long soft, unsigned long long hard) {
    struct rlimit limit = {soft, hard}, given;
    if (getrlimit(resource, &given) == 0) {
        if (given.rlim_cur < limit.rlim_cur) limit.rlim_cur = given.rlim_cur;
        if (given.rlim_max < limit.rlim_max) limit.rlim_max = given.rlim_max;
    }
    return setrlimit(resource, &limit);
}

/* Gives up, for good, what root may do, whoever runs the program. 0 or an errno. */
static inline int cprocess_drop_capabilities(void) {
    for (int capability = 0; capability < 64; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &head, none) == 0 ? 0 : errno;
}

/* Leaves this process, for good, no more than its memory and the descriptors that it has: reading, writing, computing.
   Whatever else it asks of the system fails with EPERM: opening, connecting, starting programs or processes, making
   memory executable. 0, or an errno where the system has no such filters (seccomp(2)). */
static inline int cprocess_confine(void) {
#ifdef CPROCESS_ARCHITECTURE
    const struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CPROCESS_ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        /* Data in and out. */
        CPROCESS_ALLOW(read), CPROCESS_ALLOW(pread64), CPROCESS_ALLOW(lseek), CPROCESS_ALLOW(write),
        CPROCESS_ALLOW(close),
        /* Without flags such as MSG_OOB, whose rare paths in the kernel have had holes. */
        CPROCESS_ALLOW_WITH(recvfrom, 3, 0), CPROCESS_ALLOW_WITH(sendto, 3, MSG_NOSIGNAL),
        /* Memory, unless it is to be executed; see below. */
        CPROCESS_ALLOW(munmap), CPROCESS_ALLOW(mremap), CPROCESS_ALLOW(madvise), CPROCESS_ALLOW(brk),
        /* Waiting, time, chance, the end. */
        /* Futexes: waiting and waking within the process; the other operations have had holes. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_futex, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_PRIVATE, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAKE_PRIVATE, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_BITSET_PRIVATE, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        CPROCESS_ALLOW(sched_yield), CPROCESS_ALLOW(clock_gettime), CPROCESS_ALLOW(gettimeofday),
        CPROCESS_ALLOW(getrandom), CPROCESS_ALLOW(getpid), CPROCESS_ALLOW(gettid), CPROCESS_ALLOW(rt_sigprocmask),
        CPROCESS_ALLOW(rt_sigaction), CPROCESS_ALLOW(rt_sigreturn), CPROCESS_ALLOW(exit),
        CPROCESS_ALLOW(exit_group),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mprotect, 0, 3),
        /* The lower half of the third argument; protections lie there. */
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog filter = {sizeof(program) / sizeof(program[0]), (struct sock_filter *)program};
    /* Without this a process that is not root may not set a filter; with it nothing it could start gains rights. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 ? 0 : errno;
#else
    return ENOSYS;
#endif
}

#endif
