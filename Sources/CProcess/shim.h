#ifndef EARMARK_CPROCESS_SHIM_H
#define EARMARK_CPROCESS_SHIM_H

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

// glibc shows it to programs that ask for extensions only.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
static inline int cprocess_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

// The same. Begins to write to disk what a file has that is not there yet (SYNC_FILE_RANGE_WRITE), without waiting.
extern int sync_file_range(int file, __off64_t offset, __off64_t count, unsigned int flags);
static inline int cprocess_begin_writing(int file) { return sync_file_range(file, 0, 0, 2); }

// A new file without a name in `folder` (O_TMPFILE), to be read and written; -1 where there are none, or no /proc, by
// which it gets its name.
static inline int cprocess_open_unnamed(const char *folder, mode_t mode) {
    if (access("/proc/self/fd", X_OK) != 0) return -1;
    return open(folder, 020000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, mode);
}

// Names such a file; 0, or -1 with errno.
static inline int cprocess_name(int file, const char *name) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

// prctl takes a varying number of arguments, which Swift does not import.
static inline int cprocess_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
// The process dies with the one that forked it.
static inline int cprocess_die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
static inline int cprocess_set_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
static inline int cprocess_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

#endif
