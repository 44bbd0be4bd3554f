#ifndef EARMARK_CPROCESS_SHIM_H
#define EARMARK_CPROCESS_SHIM_H

#include <sys/prctl.h>

// prctl takes a varying number of arguments, which Swift does not import.
static inline int cprocess_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
static inline int cprocess_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

#endif
