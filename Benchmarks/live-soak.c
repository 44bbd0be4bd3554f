/*
 * A long meeting through libearmark: equality of cuts, memory, and the time that blocks take.
 *
 *     live-soak TICKET HOURS STREAMS
 *
 * 1. HOURS of 48 kHz mono in random blocks of 1...4,800 frames, against the same in blocks of 9,600: every sample
 *    must be the same, and memory must not grow.
 * 2. An hour in blocks of 10 ms: thread CPU time of each.
 * 3. STREAMS embedders side by side for 10 s of audio: must need less than 10 s of one core.
 */
#define _GNU_SOURCE
#include <earmark.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { rate = 48000, block = rate / 100, chunk = 9600 };

static const char *ticket;

static uint64_t draw(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

/* Noise with the rhythm of talk: bursts, a faint hiss, and digital silence. */
static void talk(float *samples, size_t count, uint64_t *state) {
    uint64_t kind = draw(state) % 10;
    float level = kind < 7 ? 0x1p-33f : kind < 9 ? 0x1p-43f : 0;
    for (size_t i = 0; i < count; i++) samples[i] = (float)((int64_t)draw(state) >> 32) * level;
}

static earmark_embedder *make(void) {
    earmark_config config = EARMARK_CONFIG_INIT;
    config.sample_rate = rate;
    config.time = 0;
    earmark_embedder *embedder;
    earmark_status status = earmark_create_from_file(&embedder, ticket, &config);
    if (status != EARMARK_OK) {
        fprintf(stderr, "live-soak: %s\n", earmark_status_message(status));
        exit(1);
    }
    return embedder;
}

static long resident_kilobytes(void) {
    long pages = 0, all = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &all, &pages) != 2) exit(1);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void cuts(double hours) {
    earmark_embedder *whole = make(), *cut = make();
    static float one[chunk], two[chunk];
    uint64_t state = 3, sizes = 5, total = (uint64_t)(hours * 3600 * rate) / chunk * chunk;
    size_t left = 0;
    long before = 0;
    for (uint64_t done = 0; done < total; done += chunk) {
        talk(one, chunk, &state);
        memcpy(two, one, sizeof one);
        earmark_process_float(whole, one, chunk);
        for (size_t at = 0; at < chunk;) {
            if (left == 0) left = 1 + draw(&sizes) % 4800;
            size_t now = left < chunk - at ? left : chunk - at;
            earmark_process_float(cut, two + at, now);
            at += now;
            left -= now;
        }
        if (memcmp(one, two, sizeof one) != 0) {
            fprintf(stderr, "live-soak: samples differ within frames %llu...\n", (unsigned long long)done);
            exit(1);
        }
        if (done / chunk == 500) before = resident_kilobytes();
    }
    long grown = before > 0 ? resident_kilobytes() - before : 0;
    earmark_counters counters;
    earmark_get_counters(cut, &counters);
    printf("%.2f h in random blocks: the same bits; %.0f of %.0f s marked; memory grew by %ld kB\n", hours,
           counters.seconds_marked, counters.seconds, grown);
    if (grown > 256) exit(1);
    earmark_destroy(whole);
    earmark_destroy(cut);
}

static void blocks(double hours) {
    size_t count = (size_t)(hours * 360000);
    int32_t *times = malloc(count * sizeof *times);
    int64_t worst = 0;
    earmark_embedder *embedder = make();
    uint64_t state = 9;
    static float samples[block];
    for (size_t i = 0; i < count; i++) {
        talk(samples, block, &state);
        int64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
        earmark_process_float(embedder, samples, block);
        times[i] = (int32_t)(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu);
        wall = nanoseconds(CLOCK_MONOTONIC) - wall;
        if (wall > worst) worst = wall;
    }
    qsort(times, count, sizeof *times, compare);
    double high = times[count - 1 - count / 10000] * 1e-4;
    printf("%zu blocks of 10 ms: median %.2f us, 99.99th percentile %.1f us (%.2f %% of the block), "
           "worst %.1f us of CPU, %.0f us of wall time\n",
           count, times[count / 2] * 1e-3, high * 10, high / 10, times[count - 1] * 1e-3, worst * 1e-3);
    if (high > 100) exit(1);
    free(times);
    earmark_destroy(embedder);
}

static void streams(int count) {
    earmark_embedder **all = malloc((size_t)count * sizeof *all);
    for (int i = 0; i < count; i++) all[i] = make();
    static float host[rate], samples[block];
    uint64_t state = 21;
    for (int i = 0; i < 100; i++) talk(host + i * block, block, &state);
    int64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < 1000; i++)
        for (int stream = 0; stream < count; stream++) {
            memcpy(samples, host + (i + stream) % 100 * block, sizeof samples);
            earmark_process_float(all[stream], samples, block);
        }
    double share = (double)(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu) * 1e-10;
    printf("%d streams: %.0f %% of a core\n", count, share * 100);
    for (int i = 0; i < count; i++) earmark_destroy(all[i]);
    free(all);
    if (share > 1) exit(1);
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: live-soak TICKET HOURS STREAMS\n");
        return 64;
    }
    ticket = arguments[1];
    setvbuf(stdout, NULL, _IOLBF, 0);
    streams(atoi(arguments[3]));
    blocks(atof(arguments[2]) < 1 ? atof(arguments[2]) : 1);
    cuts(atof(arguments[2]));
    return 0;
}
