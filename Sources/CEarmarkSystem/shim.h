/* The few calls of the C library for modules that must do without Foundation and Glibc. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a plugin's host and its user must not overlook. */
static inline void earmark_log_unmarked(const char *reason) {
    fprintf(stderr, "earmark: AUDIO IS NOT MARKED: %s\n", reason);
}

/* The path of the ticket that `slot` names: $EARMARK_TICKET for 0, $EARMARK_TICKET_DIR/SLOT.ticket for others; 0 if
   there is none or it does not fit. */
static inline int earmark_ticket_path(int slot, char *path, size_t size) {
    const char *name = getenv(slot == 0 ? "EARMARK_TICKET" : "EARMARK_TICKET_DIR");
    if (name == NULL || name[0] == '\0') return 0;
    int length = slot == 0 ? snprintf(path, size, "%s", name) : snprintf(path, size, "%s/%d.ticket", name, slot);
    return length > 0 && (size_t)length < size;
}
