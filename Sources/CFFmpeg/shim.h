#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

// Macros that Swift cannot import.
static const int CFF_ERROR_EOF = AVERROR_EOF;
static const int CFF_ERROR_INVALIDDATA = AVERROR_INVALIDDATA;
static inline int cff_averror(int code) { return AVERROR(code); }
