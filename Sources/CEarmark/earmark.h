/*
 * libearmark: marks the audio of a confidential meeting, live, so that a leaked recording names the client it came
 * from.
 *
 *     earmark_config config = EARMARK_CONFIG_INIT;
 *     config.sample_rate = 48000;
 *     config.channels = 2;
 *     earmark_embedder *embedder;
 *     earmark_status status = earmark_create_from_file(&embedder, "bela.ticket", &config);
 *     if (status != EARMARK_OK) { fprintf(stderr, "%s\n", earmark_status_message(status)); ... }
 *     earmark_set_time(embedder, 754.2);                       // seconds since the meeting's start
 *     earmark_process_float(embedder, samples, 480);           // in the playout callback, in place
 *     earmark_destroy(embedder);
 *
 * Real-time contract. Functions marked [RT] do not allocate, lock, call the system or throw, and take time
 * proportional to the number of frames. Everything else belongs outside the audio thread.
 *
 * Audio contract. The host's samples are delayed by nothing. Results do not depend on how a stream is cut into blocks,
 * bit for bit. Samples that are not numbers, infinite or denormal pass through and affect no others. Of a run of zeros
 * all but the first stay zero. No sample is pushed beyond full scale. All channels get the same mark.
 *
 * Threads. An embedder belongs to one thread at a time; different embedders are independent of one another. It may be
 * destroyed whenever no call on it is running.
 *
 * Link with `pkg-config --cflags --libs earmark`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef EARMARK_H
#define EARMARK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. */
typedef enum earmark_status {
    EARMARK_OK = 0,
    /* A null pointer, or a number out of the range that the function states. */
    EARMARK_INVALID_ARGUMENT = 1,
    /* The sample rate is not within 8,000-192,000 Hz, or the number of channels not within 1-8. */
    EARMARK_UNSUPPORTED_FORMAT = 2,
    /* The ticket file cannot be opened or read. */
    EARMARK_TICKET_UNREADABLE = 3,
    /* The bytes are no ticket, or a damaged one, or one that needs a newer library. */
    EARMARK_TICKET_INVALID = 4,
    /* The ticket is not valid yet at the time given. */
    EARMARK_TICKET_NOT_YET_VALID = 5,
    /* The ticket is no longer valid at the time given. */
    EARMARK_TICKET_EXPIRED = 6,
    /* The revocation list names the ticket. */
    EARMARK_TICKET_REVOKED = 7,
    /* The revocation list cannot be read, or is none. */
    EARMARK_REVOCATIONS_UNREADABLE = 8
} earmark_status;

/* The trade between inaudibility and detection. */
typedef enum earmark_strength {
    EARMARK_STANDARD = 0,
    /* For critical listening. */
    EARMARK_TRANSPARENT = 1,
    /* For hostile rooms and telephones. */
    EARMARK_ROBUST = 2
} earmark_strength;

/* Which of the client's streams is marked. */
typedef enum earmark_role {
    /* What the client plays out: this names whoever records it. */
    EARMARK_PLAYOUT = 0,
    /* What the client's microphone sends, after echo cancelling and before encoding: its tag tells an echo of what the
       client played from a recording of it. */
    EARMARK_MICROPHONE = 1
} earmark_role;

/* As config.time: the meeting's time follows from the system's clock when the embedder is created. */
#define EARMARK_WALL_CLOCK (-1e300)

/* What an embedder is made for. */
typedef struct earmark_config {
    /* sizeof(earmark_config), so that later versions can add members. */
    size_t size;
    /* Hertz, 8,000-192,000. */
    double sample_rate;
    /* 1-8. */
    uint32_t channels;
    earmark_strength strength;
    /* Seconds into the meeting of the first frame, or EARMARK_WALL_CLOCK. */
    double time;
    /* Path of a list of revoked tickets (`earmark ticket revocations`), or null. */
    const char *revocations;
    earmark_role role;
} earmark_config;

/* One channel of 48 kHz, standard strength, time by the system's clock, no revocation list, playout. */
#define EARMARK_CONFIG_INIT                                                                                            \
    {sizeof(earmark_config), 48000.0, 1, EARMARK_STANDARD, EARMARK_WALL_CLOCK, NULL, EARMARK_PLAYOUT}

/* A stream that is being marked. */
typedef struct earmark_embedder earmark_embedder;

/* What became of the frames. */
typedef struct earmark_counters {
    /* Frames processed. */
    uint64_t frames;
    /* Frames that carry the mark. */
    uint64_t frames_marked;
    /* Frames left alone as digital silence. */
    uint64_t frames_silent;
    /* The same in seconds: what was processed, and what of it is marked. */
    double seconds;
    double seconds_marked;
} earmark_counters;

/* What a ticket is for; never its secrets. */
typedef struct earmark_ticket_info {
    char meeting[65];
    char client[65];
    /* The meeting's start, and the first and last second at which the ticket may mark; Unix seconds. */
    int64_t meeting_start;
    int64_t not_before;
    int64_t not_after;
} earmark_ticket_info;

/* The version of the library, such as "0.1.0". [RT] */
const char *earmark_version(void);

/* What a status means and what to do, in English; never null. [RT] */
const char *earmark_status_message(earmark_status status);

/*
 * Makes an embedder from the `size` bytes of a ticket at `ticket`, which are not needed afterwards.
 *
 * Sets *embedder to the new embedder, or to null if the status is not EARMARK_OK. The ticket must be valid at
 * config->time on the meeting's own timeline, or by the system's clock where config->time is EARMARK_WALL_CLOCK.
 */
earmark_status earmark_create(
    earmark_embedder **embedder, const void *ticket, size_t size, const earmark_config *config);

/* The same with the ticket in the file at `path`. */
earmark_status earmark_create_from_file(
    earmark_embedder **embedder, const char *path, const earmark_config *config);

/* Frees an embedder; null is allowed. */
void earmark_destroy(earmark_embedder *embedder);

/*
 * Says that the next frame is played `seconds` into the meeting; from then on the embedder counts frames. [RT]
 *
 * For the start, after a pause or a reconnection, and to follow a clock that drifts: the mark shows the meeting's time
 * to the second. Gains follow within 1/2000 s, filters run on. If the ticket is not valid at that time the status says
 * so and nothing changes. A stream that runs past its ticket's end keeps its mark.
 */
earmark_status earmark_set_time(earmark_embedder *embedder, double seconds);

/* The same by a clock: the next frame is played at `unix_seconds`. [RT] */
earmark_status earmark_set_clock(earmark_embedder *embedder, double unix_seconds);

/* Seconds into the meeting of the next frame; 0 for null. [RT] */
double earmark_get_time(const earmark_embedder *embedder);

/* Frames by which the host's samples are delayed: 0. [RT] */
uint32_t earmark_get_latency(const earmark_embedder *embedder);

/* The strength the embedder was made with. [RT] */
earmark_strength earmark_get_strength(const earmark_embedder *embedder);

/* What became of the frames so far. [RT] */
earmark_status earmark_get_counters(const earmark_embedder *embedder, earmark_counters *counters);

/* What the embedder's ticket is for. [RT] */
earmark_status earmark_get_ticket_info(const earmark_embedder *embedder, earmark_ticket_info *info);

/* Marks `frames` frames of interleaved samples in place, full scale 1. [RT] */
earmark_status earmark_process_float(earmark_embedder *embedder, float *samples, size_t frames);

/* Marks `frames` frames in place: planes[c] points to the samples of channel c, full scale 1. [RT] */
earmark_status earmark_process_float_planar(earmark_embedder *embedder, float *const *planes, size_t frames);

/*
 * Marks `frames` frames of interleaved 16-bit samples in place. [RT]
 *
 * The mark is rounded with triangular dither; where it is smaller than an eighth of a step, samples stay as they are.
 */
earmark_status earmark_process_s16(earmark_embedder *embedder, int16_t *samples, size_t frames);

/* The same, planes[c] pointing to the samples of channel c. [RT] */
earmark_status earmark_process_s16_planar(earmark_embedder *embedder, int16_t *const *planes, size_t frames);

#ifdef __cplusplus
}
#endif

#endif
