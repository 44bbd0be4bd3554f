internal import CFFmpeg
import Glibc

/// Four bytes that FFmpeg sees in place of what the file holds.
struct BytePatch: Sendable, Equatable {
    var offset: Int64
    var replacement: FourCC
}

/// A container opened by FFmpeg over a `ByteSource`.
///
/// FFmpeg gets bytes through two callbacks, never a path, and every attempt to open something else is refused. Used
/// by one thread at a time.
final class FFmpegInput {
    let context: UnsafeMutablePointer<AVFormatContext>
    private let io: UnsafeMutablePointer<AVIOContext>
    private let cursor: ByteCursor

    /// Read-ahead, in bytes: as FFmpeg's own file protocol has it.
    private static let bufferSize = 32_768

    /// Opens `source`.
    ///
    /// `demuxers`: FFmpeg's names of those that may read it. With exactly one, it is taken without probing.
    init(source: ByteSource, window: Range<Int64>, patches: [BytePatch], demuxers: [String]) throws(MediaError) {
        try FFmpegLibrary.require(for: source.path)
        let cursor = ByteCursor(source: source, window: window, patches: patches)
        guard let allocated = ffmpeg.avformat_alloc_context() else { throw FFmpegInput.outOfMemory(source) }
        guard let io = FFmpegInput.makeIO(cursor) else {
            ffmpeg.avformat_free_context(allocated)
            throw FFmpegInput.outOfMemory(source)
        }
        allocated.pointee.pb = io
        allocated.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        cff_forbid_other_files(allocated)
        let (opened, result) = FFmpegInput.open(allocated, demuxers: demuxers)
        guard let opened else {
            FFmpegInput.release(io)
            guard result != cff_averror(ENOMEM) else { throw FFmpegInput.indexTooLarge(source) }
            throw MediaError(
                .corrupt, "the container cannot be read (\(FFmpegLibrary.message(result))).", path: source.path)
        }
        // What was unpacked behind the file is an index, and no media.
        cursor.end = min(cursor.end, source.fileSize)
        // Last: a class initialiser that throws once all properties are set runs `deinit`, which frees them.
        self.cursor = cursor
        self.io = io
        self.context = opened
    }

    deinit {
        var closing: UnsafeMutablePointer<AVFormatContext>? = context
        ffmpeg.avformat_close_input(&closing)
        FFmpegInput.release(io)
    }

    private static func makeIO(_ cursor: ByteCursor) -> UnsafeMutablePointer<AVIOContext>? {
        guard let buffer = ffmpeg.av_malloc(bufferSize) else { return nil }
        let io = ffmpeg.avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Int32(bufferSize), 0,
            Unmanaged.passUnretained(cursor).toOpaque(), readBytes, nil, seekBytes)
        if io == nil { ffmpeg.av_free(buffer) }
        return io
    }

    private static func release(_ io: UnsafeMutablePointer<AVIOContext>) {
        // FFmpeg may have replaced the buffer: free the one in place.
        ffmpeg.av_free(io.pointee.buffer)
        var freed: UnsafeMutablePointer<AVIOContext>? = io
        ffmpeg.avio_context_free(&freed)
    }

    /// Opens the container; on failure FFmpeg has freed `allocated`.
    private static func open(
        _ allocated: UnsafeMutablePointer<AVFormatContext>, demuxers: [String]
    ) -> (UnsafeMutablePointer<AVFormatContext>?, Int32) {
        var options: OpaquePointer?
        defer { ffmpeg.av_dict_free(&options) }
        _ = ffmpeg.av_dict_set(&options, "format_whitelist", demuxers.joined(separator: ","), 0)
        // No protocol has this name: nothing may be opened by address.
        _ = ffmpeg.av_dict_set(&options, "protocol_whitelist", "none", 0)
        // MP4: rebuilding the index by edit lists doubles its memory and drops audio that a player would not show.
        _ = ffmpeg.av_dict_set(&options, "advanced_editlist", "0", 0)
        // AVI: with its indexes unread, the file is read in order, in constant memory.
        _ = ffmpeg.av_dict_set(&options, "use_odml", "0", 0)
        let format = demuxers.count == 1 ? ffmpeg.av_find_input_format(demuxers[0]) : nil
        var opening: UnsafeMutablePointer<AVFormatContext>? = allocated
        let result = ffmpeg.avformat_open_input(&opening, "", format, &options)
        // The tables that an MP4's index was made from are free now, and nearly as large.
        HeapTrim.now()
        return (result < 0 ? nil : opening, result)
    }

    static func indexTooLarge(_ source: ByteSource) -> MediaError {
        MediaError(
            .tooLarge, "its index takes more memory than it may have. Cut it, and analyse the parts.", path: source.path
        )
    }

    private static func outOfMemory(_ source: ByteSource) -> MediaError {
        MediaError(.unreadable, "not enough memory to open it.", path: source.path)
    }

    /// A read failed below FFmpeg, such as on a damaged disk; 0 if none did.
    var readError: Int32 { cursor.readError }

    /// Bytes of the file that were read since `startCounting`, none of them twice, to the page.
    var bytesSeen: Int64 { cursor.pages.bytes }

    /// Forgets what was read so far: an index is no audio.
    func startCounting() { cursor.pages = SeenPages() }

    var streamCount: Int { Int(context.pointee.nb_streams) }

    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream>? {
        guard index >= 0, index < streamCount, let streams = context.pointee.streams else { return nil }
        return streams[index]
    }

    /// Whether streams show only while packets are read, such as the sound within DV in AVI.
    private var announcesLate: Bool { context.pointee.ctx_flags & AVFMTCTX_NOHEADER != 0 }

    /// Reads to the end, if need be, so that all streams are known; the input is of no use for decoding then.
    func waitForStreams() {
        guard announcesLate, let packet = ffmpeg.av_packet_alloc() else { return }
        var failures = 0
        while failures < StreamDecoder.maximumReadFailures {
            let result = ffmpeg.av_read_frame(context, packet)
            if result == CFF_ERROR_EOF || readError != 0 { break }
            failures = result < 0 ? failures + 1 : 0
            if result >= 0 { ffmpeg.av_packet_unref(packet) }
        }
        var freed: UnsafeMutablePointer<AVPacket>? = packet
        ffmpeg.av_packet_free(&freed)
    }

    /// FFmpeg's short name of a stream's codec, or what the file calls it.
    func codecName(_ index: Int) -> String {
        guard let parameters = stream(index)?.pointee.codecpar else { return "unknown" }
        return CodecNames.name(of: parameters)
    }

    func streams(of type: AVMediaType) -> [Int] {
        (0..<streamCount).filter { stream($0)?.pointee.codecpar.pointee.codec_type == type }
    }

    /// Has the demuxer skip the packets of every stream but `index`, where it can unread.
    func keepOnly(_ index: Int) {
        // Where streams lie within one another, what is not wanted must be read all the same.
        guard !announcesLate else { return }
        for other in 0..<streamCount {
            stream(other)?.pointee.discard = other == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }
}

/// A reading position in a window of a file; lives as long as the `FFmpegInput` that owns it.
private final class ByteCursor {
    let source: ByteSource
    let window: Range<Int64>
    /// Sorted by offset.
    let patches: [BytePatch]
    var position: Int64
    /// Where the window ends by now.
    var end: Int64
    var readError: Int32 = 0
    var pages = SeenPages()

    init(source: ByteSource, window: Range<Int64>, patches: [BytePatch]) {
        self.source = source
        self.window = window
        self.patches = patches.sorted { $0.offset < $1.offset }
        self.position = window.lowerBound
        self.end = window.upperBound
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int32 {
        let wanted = Int(min(Int64(buffer.count), end - position))
        guard wanted > 0 else { return CFF_ERROR_EOF }
        let count = source.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
        guard count > 0 else {
            if count < 0 { readError = Int32(-count) }
            return count < 0 ? cff_averror(Int32(-count)) : CFF_ERROR_EOF
        }
        pages.add(position..<position + Int64(count))
        apply(to: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
        position += Int64(count)
        return Int32(count)
    }

    private func apply(to bytes: UnsafeMutableRawBufferPointer) {
        // The first that ends behind the position, by bisection: a hostile file may need a million patches.
        var first = 0
        var end = patches.count
        while first < end {
            let middle = (first + end) / 2
            if patches[middle].offset + 4 <= position { first = middle + 1 } else { end = middle }
        }
        for patch in patches[first...] {
            guard patch.offset < position + Int64(bytes.count) else { return }
            for (index, byte) in patch.replacement.bytes.enumerated() {
                let place = patch.offset + Int64(index) - position
                if place >= 0 && place < Int64(bytes.count) { bytes[Int(place)] = byte }
            }
        }
    }

    func seek(to offset: Int64, whence: Int32) -> Int64 {
        let size = end - window.lowerBound
        var base: Int64
        switch whence & ~AVSEEK_FORCE {
        case AVSEEK_SIZE: return size
        case SEEK_SET: base = 0
        case SEEK_CUR: base = position - window.lowerBound
        case SEEK_END: base = size
        default: return Int64(cff_averror(EINVAL))
        }
        let (target, overflow) = base.addingReportingOverflow(offset)
        // A place past the end is legal to go to, as in a file; reading there yields nothing.
        guard !overflow, target >= 0, target < Int64.max / 2 else { return Int64(cff_averror(EINVAL)) }
        position = window.lowerBound + target
        return target
    }
}

private func readBytes(
    _ opaque: UnsafeMutableRawPointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int32
) -> Int32 {
    guard let opaque, let buffer, count > 0 else { return cff_averror(EINVAL) }
    let cursor = Unmanaged<ByteCursor>.fromOpaque(opaque).takeUnretainedValue()
    return cursor.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)))
}

private func seekBytes(_ opaque: UnsafeMutableRawPointer?, _ offset: Int64, _ whence: Int32) -> Int64 {
    guard let opaque else { return Int64(cff_averror(EINVAL)) }
    return Unmanaged<ByteCursor>.fromOpaque(opaque).takeUnretainedValue().seek(to: offset, whence: whence)
}
