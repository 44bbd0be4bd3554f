/*
 * What earmark.h promises, put to the test through libearmark itself.
 *
 *     stress TICKET [SEED]
 *     stress TICKET threads      only several threads with embedders of their own, for tools that watch them
 *     stress TICKET shared       two threads with one embedder, as is forbidden: what those tools must see
 *
 * TICKET is valid at second 0...3,600 of its meeting, whose clock is not now. Ends with 0 if every promise held. Built
 * with -DINTERPOSE the program counts all allocations itself; sanitizers want malloc for themselves.
 */
#define _GNU_SOURCE
#include <earmark.h>

#include <errno.h>
#include <linux/seccomp.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                          \
    do {                                                                          \
        if (!(condition)) {                                                       \
            fprintf(stderr, "stress: %s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

#ifdef INTERPOSE
static volatile long allocations;
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);
static void count_one(void) { __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED); }
void *malloc(size_t size) { count_one(); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count_one(); return __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { count_one(); return __libc_realloc(p, size); }
void *aligned_alloc(size_t a, size_t size) { count_one(); return __libc_memalign(a, size); }
void *memalign(size_t a, size_t size) { count_one(); return __libc_memalign(a, size); }
int posix_memalign(void **p, size_t a, size_t size) {
    count_one();
    *p = __libc_memalign(a, size);
    return *p == NULL ? ENOMEM : 0;
}
void free(void *p) { __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED); __libc_free(p); }
#endif

static const char *ticket;

/* Marsaglia's xorshift, so that every run of a seed is the same. */
static uint64_t draw(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static earmark_config config_of(double rate, uint32_t channels) {
    earmark_config config = EARMARK_CONFIG_INIT;
    config.sample_rate = rate;
    config.channels = channels;
    config.time = 100;
    return config;
}

static earmark_embedder *make(double rate, uint32_t channels) {
    earmark_config config = config_of(rate, channels);
    earmark_embedder *embedder = NULL;
    earmark_status status = earmark_create_from_file(&embedder, ticket, &config);
    if (status != EARMARK_OK) {
        fprintf(stderr, "stress: %s: %s\n", ticket, earmark_status_message(status));
        exit(1);
    }
    return embedder;
}

/* Noise with everything in it that a decoder may produce. */
static void fill(float *samples, size_t count, uint64_t seed) {
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e38f, 1e-40f, -0.0f, 1.5f, -1.0f};
    uint64_t state = seed * 2654435761u + 1;
    size_t index = 0;
    while (index < count) {
        uint64_t kind = draw(&state) % 40;
        size_t run = 1 + draw(&state) % 2000;
        for (size_t end = index + run; index < end && index < count; index++) {
            float noise = (float)((int64_t)draw(&state) >> 32) * 0x1p-33f;
            samples[index] = kind < 4 ? 0 : kind == 5 ? noise * 1e-30f : noise;
        }
        if (index < count) samples[index++] = odd[draw(&state) % (sizeof odd / sizeof *odd)];
    }
}

static void cuts_do_not_matter(double rate, uint32_t channels, uint64_t seed) {
    size_t frames = (size_t)(rate * 2.3);
    size_t count = frames * channels;
    float *input = malloc(count * sizeof *input), *whole = malloc(count * sizeof *whole);
    float *cut = malloc(count * sizeof *cut), *planar = malloc(count * sizeof *planar);
    fill(input, count, seed);
    memcpy(whole, input, count * sizeof *input);
    memcpy(cut, input, count * sizeof *input);
    for (size_t f = 0; f < frames; f++)
        for (uint32_t c = 0; c < channels; c++) planar[c * frames + f] = input[f * channels + c];

    earmark_embedder *embedder = make(rate, channels);
    CHECK(earmark_process_float(embedder, whole, frames) == EARMARK_OK);
    earmark_counters all, parts;
    CHECK(earmark_get_counters(embedder, &all) == EARMARK_OK);
    earmark_destroy(embedder);

    uint64_t state = seed + 99;
    earmark_embedder *second = make(rate, channels), *third = make(rate, channels);
    for (size_t done = 0; done < frames;) {
        size_t block = draw(&state) % 3 == 0 ? 1 + draw(&state) % 20 : 1 + draw(&state) % 4800;
        if (block > frames - done) block = frames - done;
        CHECK(earmark_process_float(second, cut + done * channels, block) == EARMARK_OK);
        float *planes[8];
        for (uint32_t c = 0; c < channels; c++) planes[c] = planar + c * frames + done;
        CHECK(earmark_process_float_planar(third, planes, block) == EARMARK_OK);
        done += block;
    }
    CHECK(memcmp(whole, cut, count * sizeof *whole) == 0);
    for (size_t f = 0; f < frames; f++)
        for (uint32_t c = 0; c < channels; c++)
            CHECK(memcmp(&planar[c * frames + f], &whole[f * channels + c], sizeof *whole) == 0);
    CHECK(memcmp(whole, input, count * sizeof *whole) != 0);
    CHECK(earmark_get_counters(second, &parts) == EARMARK_OK);
    CHECK(memcmp(&all, &parts, sizeof all) == 0);
    CHECK(all.frames == frames && all.frames_marked > frames / 2 && all.frames_marked < frames);
    CHECK(fabs(all.seconds_marked * rate - (double)all.frames_marked) < 1e-3);
    CHECK(fabs(earmark_get_time(second) - 100 - (double)frames / rate) < 1e-6);

    /* No spreading, no clipping, silence stays silent. */
    for (size_t i = 0; i < count; i++) {
        if (isfinite(input[i])) {
            CHECK(isfinite(whole[i]) && fabsf(whole[i]) <= fmaxf(1, fabsf(input[i])));
        } else {
            CHECK(isnan(input[i]) ? isnan(whole[i]) : whole[i] == input[i]);
        }
        if (i >= channels && input[i] == 0 && input[i - channels] == 0) CHECK(whole[i] == 0);
    }
    earmark_destroy(second);
    earmark_destroy(third);
    free(input);
    free(whole);
    free(cut);
    free(planar);
}

static void integers_do_not_depend_on_cuts(uint32_t channels, uint64_t seed) {
    size_t frames = 48000, count = frames * channels;
    int16_t *input = malloc(count * 2), *whole = malloc(count * 2);
    int16_t *cut = malloc(count * 2), *planar = malloc(count * 2);
    uint64_t state = seed + 7;
    for (size_t i = 0; i < count; i++) input[i] = i / channels % 16000 < 4000 ? 0 : (int16_t)(draw(&state) >> 50);
    memcpy(whole, input, count * 2);
    memcpy(cut, input, count * 2);
    for (size_t f = 0; f < frames; f++)
        for (uint32_t c = 0; c < channels; c++) planar[c * frames + f] = input[f * channels + c];
    earmark_embedder *one = make(48000, channels), *two = make(48000, channels), *three = make(48000, channels);
    CHECK(earmark_process_s16(one, whole, frames) == EARMARK_OK);
    for (size_t done = 0; done < frames;) {
        size_t block = 1 + draw(&state) % 1000;
        if (block > frames - done) block = frames - done;
        CHECK(earmark_process_s16(two, cut + done * channels, block) == EARMARK_OK);
        int16_t *planes[8];
        for (uint32_t c = 0; c < channels; c++) planes[c] = planar + c * frames + done;
        CHECK(earmark_process_s16_planar(three, planes, block) == EARMARK_OK);
        done += block;
    }
    CHECK(memcmp(whole, cut, count * 2) == 0);
    CHECK(memcmp(whole, input, count * 2) != 0);
    for (size_t f = 0; f < frames; f++)
        for (uint32_t c = 0; c < channels; c++) {
            CHECK(planar[c * frames + f] == whole[f * channels + c]);
            if (f > 0 && input[f * channels + c] == 0 && input[(f - 1) * channels + c] == 0)
                CHECK(whole[f * channels + c] == 0);
        }
    earmark_destroy(one);
    earmark_destroy(two);
    earmark_destroy(three);
    free(input);
    free(whole);
    free(cut);
    free(planar);
}

static void mistakes_are_named(void) {
    earmark_embedder *embedder = (earmark_embedder *)1;
    earmark_config config = config_of(48000, 1);
    CHECK(earmark_create_from_file(NULL, ticket, &config) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_create_from_file(&embedder, NULL, &config) == EARMARK_INVALID_ARGUMENT && embedder == NULL);
    CHECK(earmark_create_from_file(&embedder, ticket, NULL) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_create_from_file(&embedder, "/nonexistent", &config) == EARMARK_TICKET_UNREADABLE);
    CHECK(earmark_create_from_file(&embedder, "/", &config) == EARMARK_TICKET_UNREADABLE);
    CHECK(earmark_create_from_file(&embedder, "/proc/self/exe", &config) == EARMARK_TICKET_INVALID);
    CHECK(earmark_create(&embedder, "ticket", 6, &config) == EARMARK_TICKET_INVALID);
    CHECK(earmark_create(&embedder, "", 0, &config) == EARMARK_TICKET_INVALID);
    static const double rates[] = {7999.9, 192000.1, 0, -48000, NAN, INFINITY};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        config = config_of(rates[i], 1);
        CHECK(earmark_create_from_file(&embedder, ticket, &config) == EARMARK_UNSUPPORTED_FORMAT && embedder == NULL);
    }
    for (uint32_t channels = 0; channels <= 9; channels += 9) {
        config = config_of(48000, channels);
        CHECK(earmark_create_from_file(&embedder, ticket, &config) == EARMARK_UNSUPPORTED_FORMAT);
    }
    config = config_of(48000, 1);
    config.size = 4;
    CHECK(earmark_create_from_file(&embedder, ticket, &config) == EARMARK_INVALID_ARGUMENT);
    config = config_of(48000, 1);
    config.strength = (earmark_strength)17;
    CHECK(earmark_create_from_file(&embedder, ticket, &config) == EARMARK_INVALID_ARGUMENT);
    /* The meeting's own time decides where it is given, the system's clock where not. */
    static const double times[] = {-1e7, 1e7, NAN, INFINITY, EARMARK_WALL_CLOCK};
    static const earmark_status refusals[] = {EARMARK_TICKET_NOT_YET_VALID, EARMARK_TICKET_EXPIRED,
                                              EARMARK_INVALID_ARGUMENT, EARMARK_INVALID_ARGUMENT,
                                              EARMARK_TICKET_EXPIRED};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        config = config_of(48000, 1);
        config.time = times[i];
        CHECK(earmark_create_from_file(&embedder, ticket, &config) == refusals[i] && embedder == NULL);
    }
    config = config_of(48000, 1);
    config.revocations = "/nonexistent";
    CHECK(earmark_create_from_file(&embedder, ticket, &config) == EARMARK_REVOCATIONS_UNREADABLE);
    config.revocations = "/proc/self/exe";
    CHECK(earmark_create_from_file(&embedder, ticket, &config) == EARMARK_REVOCATIONS_UNREADABLE);
    config.revocations = "/dev/null";
    CHECK(earmark_create_from_file(&embedder, ticket, &config) == EARMARK_OK);

    earmark_ticket_info info;
    CHECK(earmark_get_ticket_info(embedder, &info) == EARMARK_OK);
    CHECK(info.meeting[0] == 'm' && info.client[0] == 'c' && info.not_before <= info.not_after);
    CHECK(earmark_set_clock(embedder, (double)info.meeting_start + 600.5) == EARMARK_OK);
    CHECK(earmark_get_time(embedder) == 600.5);
    CHECK(earmark_set_time(embedder, 1e7) == EARMARK_TICKET_EXPIRED);
    CHECK(earmark_set_time(embedder, -1e7) == EARMARK_TICKET_NOT_YET_VALID);
    CHECK(earmark_set_time(embedder, NAN) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_get_time(embedder) == 600.5);
    CHECK(earmark_get_latency(embedder) == 0);
    CHECK(earmark_get_strength(embedder) == EARMARK_STANDARD);

    float sample = 0.5f, *none[1] = {NULL};
    int16_t *no_integers[1] = {NULL};
    CHECK(earmark_process_float(NULL, &sample, 1) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_process_float(embedder, NULL, 1) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_process_float(embedder, NULL, 0) == EARMARK_OK);
    CHECK(earmark_process_float(embedder, &sample, SIZE_MAX) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_process_float_planar(embedder, NULL, 1) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_process_float_planar(embedder, none, 1) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_process_s16(embedder, NULL, 1) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_process_s16_planar(embedder, no_integers, 1) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_set_time(NULL, 0) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_get_counters(embedder, NULL) == EARMARK_INVALID_ARGUMENT);
    CHECK(earmark_get_ticket_info(embedder, NULL) == EARMARK_INVALID_ARGUMENT);
    for (int status = -1; status < 12; status++) {
        const char *message = earmark_status_message((earmark_status)status);
        CHECK(message != NULL && strlen(message) > 5);
    }
    CHECK(strlen(earmark_version()) >= 5);
    earmark_destroy(embedder);
    earmark_destroy(NULL);
}

/* A whole period and more, so that new key streams are drawn too, with nothing allowed but to compute. */
static void run_bare(earmark_embedder *embedder, float *samples, int16_t *integers) {
    for (int block = 0; block < 1800; block++) {
        if (block % 100 == 0) earmark_set_time(embedder, block * 7.5);
        earmark_process_float(embedder, samples + block % 90 * 960, 480);
        earmark_process_s16(embedder, integers + block % 90 * 960, 480);
        float *planes[2] = {samples, samples + 480};
        earmark_process_float_planar(embedder, planes, 480);
        earmark_counters counters;
        earmark_get_counters(embedder, &counters);
        earmark_get_time(embedder);
    }
}

static void the_audio_path_only_computes(void) {
    static float samples[2 * 48000];
    static int16_t integers[2 * 48000];
    fill(samples, 2 * 48000, 5);
    for (size_t i = 0; i < 2 * 48000; i++) integers[i] = (int16_t)(i * 7919 % 20011);
    earmark_embedder *embedder = make(48000, 2);
#ifdef INTERPOSE
    long before = allocations;
    run_bare(embedder, samples, integers);
    CHECK(allocations == before);
    CHECK(before > 0);
#endif
    /* In a process that dies at the first system call but write and exit. */
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) syscall(SYS_exit, 77);
        run_bare(embedder, samples, integers);
        syscall(SYS_exit, 0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        fprintf(stderr, "stress: no seccomp here; system calls were not looked for\n");
    } else {
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    earmark_destroy(embedder);
}

static void *own_stream(void *argument) {
    uint64_t seed = (uint64_t)(uintptr_t)argument;
    cuts_do_not_matter(seed % 2 ? 16000 : 48000, 1 + seed % 2, seed);
    return NULL;
}

static void threads_do_not_meet(void) {
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, own_stream, (void *)(i + 20)) == 0);
    for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

static void *shared_stream(void *embedder) {
    static _Thread_local float samples[480];
    fill(samples, 480, 7);
    for (int i = 0; i < 100; i++) CHECK(earmark_process_float(embedder, samples, 480) == EARMARK_OK);
    return NULL;
}

static void threads_meet(void) {
    earmark_embedder *embedder = make(48000, 1);
    pthread_t other;
    CHECK(pthread_create(&other, NULL, shared_stream, embedder) == 0);
    shared_stream(embedder);
    CHECK(pthread_join(other, NULL) == 0);
    earmark_destroy(embedder);
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: stress TICKET [SEED | threads | shared]\n");
        return 64;
    }
    ticket = arguments[1];
    if (count > 2 && strcmp(arguments[2], "threads") == 0) {
        threads_do_not_meet();
        printf("threads did not meet\n");
        return 0;
    }
    if (count > 2 && strcmp(arguments[2], "shared") == 0) {
        threads_meet();
        return 0;
    }
    uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    mistakes_are_named();
    static const double rates[] = {8000, 11025, 16000, 32000, 44100, 48000, 96000, 192000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) cuts_do_not_matter(rates[i], 1 + i % 3, seed + i);
    cuts_do_not_matter(48000, 8, seed + 50);
    for (uint32_t channels = 1; channels <= 3; channels++) integers_do_not_depend_on_cuts(channels, seed);
    threads_do_not_meet();
#ifndef NO_SECCOMP
    the_audio_path_only_computes();
#endif
    printf("every promise of earmark.h held\n");
    return 0;
}
