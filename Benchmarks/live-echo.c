/*
 * What the mark does to an echo canceller (speexdsp) whose reference is what is played.
 *
 *     live-echo CLEAN.s16 MARKED.s16     48 kHz mono, the same recording without and with the mark
 *
 * Plays each through a made-up room (a decaying random impulse response of 60 ms) and cancels it. Prints the echo's
 * level over the residual's, both after five seconds of learning; ends with 1 if the mark costs 0.5 dB or more.
 */
#include <math.h>
#include <speex/speex_echo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { rate = 48000, block = 480, room = 2880, tail = 4800, longest = 60 * rate };

static float response[room];

static double cancelled(const char *path) {
    static int16_t played[longest], echo[longest], rest[longest];
    FILE *file = fopen(path, "rb");
    if (file == NULL) exit(66);
    size_t count = fread(played, sizeof *played, longest, file) / block * block;
    fclose(file);
    for (size_t n = 0; n < count; n++) {
        float sum = 0;
        for (size_t k = 0; k < room && k <= n; k++) sum += response[k] * played[n - k];
        echo[n] = (int16_t)lrintf(sum);
    }
    SpeexEchoState *state = speex_echo_state_init(block, tail);
    int hertz = rate;
    speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &hertz);
    for (size_t n = 0; n < count; n += block) speex_echo_cancellation(state, echo + n, played + n, rest + n);
    speex_echo_state_destroy(state);
    double before = 0, after = 0;
    for (size_t n = 5 * rate; n < count; n++) {
        before += (double)echo[n] * echo[n];
        after += (double)rest[n] * rest[n];
    }
    return 10 * log10(before / (after + 1));
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: live-echo CLEAN.s16 MARKED.s16\n");
        return 64;
    }
    uint64_t state = 88172645463325252ull;
    for (int k = 0; k < room; k++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        response[k] = (float)((int64_t)state >> 32) * 0x1p-31f * 0.08f * expf(-k / 700.0f);
    }
    double clean = cancelled(arguments[1]), marked = cancelled(arguments[2]);
    printf("echo return loss: clean %.2f dB, marked %.2f dB, change %+.2f dB\n", clean, marked, marked - clean);
    return fabs(marked - clean) < 0.5 ? 0 : 1;
}
