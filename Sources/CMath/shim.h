#include <math.h>

/* Whether the processor has all that code compiled for x86-64-v3 may use. */
static inline int earmark_cpu_is_x86_64_v3(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v3");
#else
    return 0;
#endif
}
