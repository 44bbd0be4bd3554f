/*
 * Marks 16-bit PCM on its way from standard input to standard output: the least that a program does with libearmark.
 *
 *     cc mark-stream.c -o mark-stream $(pkg-config --cflags --libs earmark)
 *     ffmpeg -v error -i talk.mp4 -f s16le -ar 48000 -ac 2 - \
 *         | ./mark-stream ada.ticket 48000 2 754.2 | aplay -f S16_LE -r 48000 -c 2
 */
#include <earmark.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: mark-stream TICKET RATE CHANNELS [MEETING-SECONDS]\n");
        return 64;
    }
    earmark_config config = EARMARK_CONFIG_INIT;
    config.sample_rate = atof(arguments[2]);
    config.channels = (uint32_t)atoi(arguments[3]);
    if (count > 4) config.time = atof(arguments[4]);
    earmark_embedder *embedder;
    earmark_status status = earmark_create_from_file(&embedder, arguments[1], &config);
    if (status != EARMARK_OK) {
        fprintf(stderr, "mark-stream: %s: %s\n", arguments[1], earmark_status_message(status));
        return 65;
    }

    /* 10 ms; any other number of frames gives the same samples. */
    size_t frame = config.channels * sizeof(int16_t), block = (size_t)(config.sample_rate / 100), frames;
    int16_t *samples = malloc(block * frame);
    while (samples != NULL && (frames = fread(samples, frame, block, stdin)) > 0) {
        earmark_process_s16(embedder, samples, frames);
        if (fwrite(samples, frame, frames, stdout) != frames || fflush(stdout) != 0) break;
    }

    /* An unmarked second is a leak that nobody can trace: let somebody see how many there were. */
    earmark_counters counters;
    earmark_get_counters(embedder, &counters);
    fprintf(stderr, "mark-stream: %.3f s, %.3f s marked\n", counters.seconds, counters.seconds_marked);
    free(samples);
    earmark_destroy(embedder);
    return 0;
}
