internal import CFFmpeg

/// FFmpeg's functions by their own names, loaded with their libraries when first asked for.
///
/// Whatever decodes begins with an `FFmpegInput`, which makes sure that they are there; other code asks
/// `FFmpegLibrary.isThere` first.
let ffmpeg: cff_functions = {
    var functions = cff_functions()
    guard cff_load(&functions) == 0 else { return functions }
    cff_silence(&functions)
    functions.av_max_alloc(FFmpegLibrary.maximumAllocation)
    return functions
}()

/// FFmpeg as a whole, which a process loads only if it decodes.
enum FFmpegLibrary {
    /// Largest single allocation FFmpeg may make, in bytes.
    ///
    /// A few bytes of a hostile header can ask for gigabytes. The largest honest table is the sample index of an MP4
    /// track at 24 bytes a packet: a 24-hour AAC track at 48 kHz has 4.05 million packets, 97 MB.
    static let maximumAllocation = 128 << 20

    /// Whether FFmpeg is here; loads it.
    static var isThere: Bool { ffmpeg.avformat_open_input != nil }

    /// Loads FFmpeg; throws if it cannot be had, which is no fault of the file at `path`.
    static func require(for path: String) throws(MediaError) {
        guard isThere else { throw missing(path) }
    }

    /// What is wrong, and what to do, where FFmpeg is not.
    static func missing(_ path: String) -> MediaError {
        MediaError(
            .unreadable,
            "FFmpeg, which decodes it, cannot be loaded. Install its libraries "
                + "\(String(cString: cff_libraries())), and see that LD_LIBRARY_PATH names no others.", path: path,
            cause: .machine)
    }

    /// FFmpeg's short name of a codec.
    static func name(of codec: AVCodecID) -> String {
        ffmpeg.avcodec_get_name(codec).map { String(cString: $0) } ?? "unknown"
    }

    /// FFmpeg's words for an error code.
    static func message(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard ffmpeg.av_strerror(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
