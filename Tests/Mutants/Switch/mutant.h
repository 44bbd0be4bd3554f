/* Whether the planted mistake of a number is switched on: the environment variable EARMARK_MUTANT names it. Used by
 * builds that Tools/mutants makes and by no other. Without a standard header, so that every module can import it. */
#ifndef EARMARK_MUTANT_H
#define EARMARK_MUTANT_H

extern char *earmark_mutant_getenv(const char *) __asm__("getenv");
extern char *earmark_mutant_strstr(const char *, const char *) __asm__("strstr");

static inline _Bool planted(int number) {
    /* Racing threads compute the same number. */
    static int active = -1;
    if (active < 0) {
        const char *text = earmark_mutant_getenv("EARMARK_MUTANT");
        if (text == 0) {
            /* A decoder of the program has nothing of its environment but where libraries lie. */
            const char mark[] = "/earmark-mutant/";
            const char *libraries = earmark_mutant_getenv("LD_LIBRARY_PATH");
            text = libraries == 0 ? 0 : earmark_mutant_strstr(libraries, mark);
            if (text != 0) text += sizeof mark - 1;
        }
        int value = 0;
        for (; text != 0 && *text >= '0' && *text <= '9'; text++) value = 10 * value + (*text - '0');
        active = value;
    }
    return active == number;
}

#endif
