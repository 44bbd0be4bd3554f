#ifndef EARMARK_CFFMPEG_SHIM_H
#define EARMARK_CFFMPEG_SHIM_H

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>

// Macros that Swift cannot import.
static const int CFF_ERROR_EOF = AVERROR_EOF;
static const int CFF_ERROR_INVALIDDATA = AVERROR_INVALIDDATA;
static const int CFF_ERROR_PATCHWELCOME = AVERROR_PATCHWELCOME;
static const int64_t CFF_NO_TIMESTAMP = AV_NOPTS_VALUE;
static inline int cff_averror(int code) { return AVERROR(code); }

// `AVCodecContext.thread_count` and its kin are plain fields; only the function-pointer
// field below is clumsy to assign from Swift, because its type differs between releases.
static inline int cff_refuse_open(
    struct AVFormatContext *context, AVIOContext **io, const char *url, int flags, AVDictionary **options) {
    (void)context; (void)io; (void)url; (void)flags; (void)options;
    return AVERROR(EPERM);
}

// A container that names other files or addresses must not get them opened.
static inline void cff_forbid_other_files(AVFormatContext *context) { context->io_open = cff_refuse_open; }

#ifdef __GLIBC__
#include <malloc.h>
#endif

// Fixes the size from which glibc maps blocks on their own, and returns freed memory; elsewhere does nothing.
static inline void cff_trim_heap(int mapped_bytes) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, mapped_bytes);
    malloc_trim(0);
#else
    (void)mapped_bytes;
#endif
}

// Has all threads share so many heaps of glibc; elsewhere does nothing.
static inline void cff_limit_heaps(int heaps) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, heaps);
#else
    (void)heaps;
#endif
}

#endif
