#ifndef EARMARK_CFFMPEG_FUNCTIONS_H
#define EARMARK_CFFMPEG_FUNCTIONS_H

#include "shim.h"

#include <dlfcn.h>
#include <string.h>

/* FFmpeg is loaded by whoever decodes, when it does: its libraries need some 150 others, which cost more than all that
   a program does that only looks up a ticket. So its functions are found by name; their types are those of its headers,
   and its libraries are those that the headers are of. */

#define CFF_LIBRARY(name, version) "lib" name ".so." AV_STRINGIFY(version)
#define CFF_UTIL CFF_LIBRARY("avutil", LIBAVUTIL_VERSION_MAJOR)
#define CFF_RESAMPLE CFF_LIBRARY("swresample", LIBSWRESAMPLE_VERSION_MAJOR)
#define CFF_CODEC CFF_LIBRARY("avcodec", LIBAVCODEC_VERSION_MAJOR)
#define CFF_FORMAT CFF_LIBRARY("avformat", LIBAVFORMAT_VERSION_MAJOR)

/* The libraries, for messages. */
static inline const char *cff_libraries(void) {
    return CFF_FORMAT ", " CFF_CODEC ", " CFF_RESAMPLE " and " CFF_UTIL;
}

/* Every function that is used, with the library that it is in. */
#define CFF_FUNCTIONS(each)                                                                                         \
    each(CFF_UTIL, av_channel_layout_default) each(CFF_UTIL, av_channel_layout_uninit) each(CFF_UTIL, av_dict_free) \
    each(CFF_UTIL, av_dict_get) each(CFF_UTIL, av_dict_set) each(CFF_UTIL, av_frame_alloc)                          \
    each(CFF_UTIL, av_frame_free) each(CFF_UTIL, av_free) each(CFF_UTIL, av_log_set_callback)                       \
    each(CFF_UTIL, av_log_set_level) each(CFF_UTIL, av_malloc) each(CFF_UTIL, av_max_alloc)                         \
    each(CFF_UTIL, av_opt_set_double) each(CFF_UTIL, av_opt_set_int) each(CFF_UTIL, av_sample_fmt_is_planar)        \
    each(CFF_UTIL, av_strerror)                                                                                     \
    each(CFF_RESAMPLE, swr_alloc_set_opts2) each(CFF_RESAMPLE, swr_convert) each(CFF_RESAMPLE, swr_free)            \
    each(CFF_RESAMPLE, swr_get_out_samples) each(CFF_RESAMPLE, swr_init)                                            \
    each(CFF_CODEC, av_packet_alloc) each(CFF_CODEC, av_packet_free) each(CFF_CODEC, av_packet_unref)               \
    each(CFF_CODEC, avcodec_alloc_context3) each(CFF_CODEC, avcodec_descriptor_get)                                 \
    each(CFF_CODEC, avcodec_find_decoder) each(CFF_CODEC, avcodec_flush_buffers)                                    \
    each(CFF_CODEC, avcodec_free_context) each(CFF_CODEC, avcodec_get_name)                                         \
    each(CFF_CODEC, avcodec_open2) each(CFF_CODEC, avcodec_parameters_to_context)                                   \
    each(CFF_CODEC, avcodec_receive_frame) each(CFF_CODEC, avcodec_send_packet)                                     \
    each(CFF_FORMAT, av_find_best_stream) each(CFF_FORMAT, av_find_input_format) each(CFF_FORMAT, av_read_frame)    \
    each(CFF_FORMAT, av_seek_frame)                                                                                 \
    each(CFF_FORMAT, avformat_alloc_context) each(CFF_FORMAT, avformat_close_input)                                 \
    each(CFF_FORMAT, avformat_find_stream_info) each(CFF_FORMAT, avformat_free_context)                             \
    each(CFF_FORMAT, avformat_open_input) each(CFF_FORMAT, avio_alloc_context) each(CFF_FORMAT, avio_context_free)

/* FFmpeg's functions by their names; all of them, or none. */
struct cff_functions {
#define CFF_FIELD(library, name) __typeof__(name) *name;
    CFF_FUNCTIONS(CFF_FIELD)
#undef CFF_FIELD
};

/* Loads FFmpeg's libraries, for as long as the process lives. 0, or -1 if one of them, or of what it needs, is not
   there, or lacks a function. Bound at once: what is forked from this process binds nothing again. */
static inline int cff_load(struct cff_functions *functions) {
#define CFF_FIND(library, name)                                                              \
    {                                                                                        \
        void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);                               \
        void *found = handle != 0 ? dlsym(handle, #name) : 0;                                \
        if (found == 0) {                                                                    \
            memset(functions, 0, sizeof *functions);                                         \
            return -1;                                                                       \
        }                                                                                    \
        memcpy(&functions->name, &found, sizeof found);                                      \
    }
    CFF_FUNCTIONS(CFF_FIND)
#undef CFF_FIND
    return 0;
}

/* FFmpeg prints nothing: neither formats nor writes its messages. */
static inline void cff_silence(const struct cff_functions *ffmpeg) {
    ffmpeg->av_log_set_level(AV_LOG_QUIET);
    ffmpeg->av_log_set_callback(0);
}

#endif
