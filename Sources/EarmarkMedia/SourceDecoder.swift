internal import CFFmpeg

/// Decodes the main audio stream of any audio or video file that FFmpeg reads, at its own rate, for marking.
///
/// Nothing but the file itself is opened: playlists and the like are no input. Not thread-safe.
public final class SourceDecoder: PCMSource {
    /// The file read.
    public let path: String
    /// What is read: `float32` for lossy codecs, the codec's own kind for lossless ones.
    public let format: PCMFormat
    /// 16-bit integers for lossy codecs, else `format.kind`.
    public let outputKind: SampleKind
    /// Title, artist and the like, where the container has them.
    public let metadata: PCMMetadata

    private let decoder: StreamDecoder
    private var pending: UnsafeMutablePointer<AVFrame>?
    private var pendingOffset = 0
    /// Packets that failed to decode so far; their samples are missing.
    public private(set) var corruptPackets = 0
    /// What is known of the file before it is read.
    private let remarks: [String]
    /// Holes in time stamps that can be believed: seconds and how many.
    private var holes: (seconds: Double, count: Int) = (0, 0)
    /// Time at which the next frame should begin; nil before the first.
    private var expected: Double?
    /// How far the time stamps went ahead of the audio beside the holes, seconds.
    private var drift = 0.0
    /// Whether every time stamp says where a player shows what it belongs to.
    private let hasClock: Bool

    /// Containers of FFmpeg that hold media themselves; none that lists other files.
    private static let demuxers = [
        "aac", "ac3", "aiff", "alaw", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dts", "dtshd",
        "eac3", "flac", "flv", "gsm", "loas", "matroska", "webm", "mov", "mp4", "m4a", "3gp", "mp3", "mpc", "mpc8",
        "mpeg", "mpegts", "mulaw", "mxf", "nut", "ogg", "oma", "rm", "shn", "spdif", "swf", "tak", "truehd", "tta",
        "voc", "w64", "wav", "wv",
    ]

    /// Opens the file at `path` and decodes up to the first frame.
    ///
    /// Throws `notFound`, `unreadable`, `unsupportedType`, `videoOnly`, `noAudio`, `unsupportedSampleFormat`,
    /// `corrupt`, `outOfRange` (8 000-192 000 Hz, 1-8 channels).
    public init(path: String) throws(MediaError) {
        let source = try ByteSource(path: path)
        guard source.size > 0 else { throw MediaError(.corrupt, "file is empty (0 bytes).", path: path) }
        try FFmpegLibrary.require(for: path)
        let judged = try? ContainerJudge.judge(source)
        let (input, stream) = try SourceDecoder.open(source, judged)
        let decoder = try StreamDecoder(input: input, stream: stream, rawStream: nil, path: path, isTrusted: true)
        var damaged = 0
        guard let frame = SourceDecoder.nextFrame(decoder, &damaged), let shape = FrameShape(frame) else {
            throw MediaError(.corrupt, "nothing in its audio decodes: the content is damaged.", path: path)
        }
        let kind = decoder.sampleKind(of: frame)
        let format = PCMFormat(
            container: nil, kind: kind ?? .float32, sampleRate: shape.sampleRate, channels: shape.channels, frames: nil)
        try format.requireAccepted(path: path)
        self.path = path
        self.decoder = decoder
        self.format = format
        self.outputKind = kind ?? .integer(bits: 16)
        self.metadata = input.metadata(stream: stream)
        self.corruptPackets = damaged
        self.pending = frame
        remarks = SourceRemarks.of(judged, input, stream: stream)
        hasClock = judged?.clock == .exact && !decoder.mayFallSilent
        follow(frame)
    }

    /// What the copy does not have, or has otherwise; whole once all is read.
    public var warnings: [String] {
        var warnings = remarks
        if holes.count > 0 { warnings.append(SourceRemarks.holes(holes.count, seconds: holes.seconds)) }
        if drift.magnitude > SourceRemarks.leastDrift { warnings.append(SourceRemarks.drift(drift)) }
        if corruptPackets > 0 { warnings.append(SourceRemarks.lost(corruptPackets)) }
        return warnings
    }

    /// Takes note of a hole in the time stamps before a frame.
    private func follow(_ frame: UnsafeMutablePointer<AVFrame>) {
        guard hasClock, let place = decoder.frameSeconds else { return }
        let gap = place - (expected ?? place)
        if gap >= Timeline.leastHole {
            holes = (holes.seconds + gap, holes.count + 1)
        } else {
            drift += gap
        }
        expected = place + Double(frame.pointee.nb_samples) / Double(max(1, frame.pointee.sample_rate))
    }

    /// The file, and its main stream of audio.
    private static func open(
        _ source: ByteSource, _ judged: JudgedRecording?
    ) throws(MediaError) -> (FFmpegInput, Int) {
        // WAV has forms that FFmpeg plays as noise, or finds nothing in, where it is not told.
        if let judged, judged.container == .wav {
            return try open(source, judged.window, judged.patches, [judged.demuxer])
        }
        if let judged, let (seen, patches) = judged.unpacked {
            return try open(seen, judged.window, patches + ofTracks(judged), [judged.demuxer])
        }
        do throws(MediaError) {
            return try open(source, 0..<source.size, ofTracks(judged), SourceDecoder.demuxers)
        } catch {
            // A long tag, or whatever else stands before the frames of a stream, hides them from a look at its head.
            guard let judged, ["mp3", "aac", "loas"].contains(judged.demuxer) else { throw error }
            return try open(source, judged.window, [], [judged.demuxer])
        }
    }

    private static func open(
        _ source: ByteSource, _ window: Range<Int64>, _ patches: [BytePatch], _ demuxers: [String]
    ) throws(MediaError) -> (FFmpegInput, Int) {
        let path = source.path
        guard
            let input = try? FFmpegInput(source: source, window: window, patches: patches, demuxers: demuxers)
        else { throw MediaError(.unsupportedType, "is no audio or video file that can be read.", path: path) }
        let stream = input.findMainAudio()
        guard stream >= 0 else {
            throw input.streams(of: AVMEDIA_TYPE_VIDEO).isEmpty
                ? MediaError(.noAudio, "holds no audio track.", path: path)
                : MediaError(.videoOnly, "holds video but no audio track.", path: path)
        }
        return (input, stream)
    }

    /// What FFmpeg is shown of an MP4 file, so that it reads its tables as they are meant.
    ///
    /// `LocalRecording` has the same. Not where samples would have to be multiplied: what is marked stays as it is.
    private static func ofTracks(_ judged: JudgedRecording?) -> [BytePatch] {
        (judged?.tracks ?? []).filter { $0.gain == 1 }.flatMap(\.patches)
    }

    /// Integers left-justified in 32 bits; see `PCMSource`.
    public func readIntegers(into buffer: UnsafeMutableBufferPointer<Int32>) throws(MediaError) -> Int {
        guard format.kind.isInteger else {
            throw MediaError(.unsupportedSampleFormat, "decodes to floats, not integers.", path: path)
        }
        return try read(into: buffer) { FrameSamples.integer($0, $1, $2) }
    }

    /// Samples of any kind, full scale ±1; see `PCMSource`.
    public func readFloats(into buffer: UnsafeMutableBufferPointer<Float>) throws(MediaError) -> Int {
        try read(into: buffer) { Float(FrameSamples.real($0, $1, $2)) }
    }

    /// Samples of any kind, full scale ±1; see `PCMSource`.
    public func readDoubles(into buffer: UnsafeMutableBufferPointer<Double>) throws(MediaError) -> Int {
        try read(into: buffer) { FrameSamples.real($0, $1, $2) }
    }

    private func read<Sample>(
        into buffer: UnsafeMutableBufferPointer<Sample>, _ value: (AVSampleFormat, UnsafeRawPointer, Int) -> Sample
    ) throws(MediaError) -> Int {
        let channels = format.channels
        let wanted = buffer.count / channels
        var done = 0
        while done < wanted {
            guard let frame = try currentFrame() else { break }
            let sampleFormat = AVSampleFormat(rawValue: frame.pointee.format)
            let isPlanar = ffmpeg.av_sample_fmt_is_planar(sampleFormat) != 0
            let count = min(wanted - done, Int(frame.pointee.nb_samples) - pendingOffset)
            for channel in 0..<channels {
                guard let plane = frame.pointee.extended_data?[isPlanar ? channel : 0] else { return done }
                for index in 0..<count {
                    let place = isPlanar ? pendingOffset + index : (pendingOffset + index) * channels + channel
                    buffer[(done + index) * channels + channel] = value(sampleFormat, UnsafeRawPointer(plane), place)
                }
            }
            done += count
            pendingOffset += count
        }
        return done
    }

    /// The frame being read, or the next; nil at the end.
    private func currentFrame() throws(MediaError) -> UnsafeMutablePointer<AVFrame>? {
        if let pending, pendingOffset < Int(pending.pointee.nb_samples) { return pending }
        pending = SourceDecoder.nextFrame(decoder, &corruptPackets)
        pendingOffset = 0
        if let pending { follow(pending) }
        guard let pending else {
            guard let code = decoder.readError else { return nil }
            throw MediaError(.unreadable, "reading failed: \(systemMessage(code)).", path: path)
        }
        let shape = FrameShape(pending)
        let isSameKind = decoder.sampleKind(of: pending).map { $0 == format.kind } ?? !format.kind.isInteger
        guard shape?.sampleRate == format.sampleRate, shape?.channels == format.channels, isSameKind else {
            throw MediaError(
                .unsupportedSampleFormat,
                "changes its sample rate, channel count or format on the way. Convert it first: "
                    + ConversionAdvice.command(for: path),
                path: path)
        }
        return pending
    }

    private static func nextFrame(_ decoder: StreamDecoder, _ damaged: inout Int) -> UnsafeMutablePointer<AVFrame>? {
        while true {
            switch decoder.next() {
            case .frame(let frame): return frame
            case .damaged: damaged += 1
            case .silent: break
            case .end: return nil
            }
        }
    }
}

/// Single samples of a decoded frame.
private enum FrameSamples {
    @inline(__always)
    static func integer(_ format: AVSampleFormat, _ plane: UnsafeRawPointer, _ index: Int) -> Int32 {
        switch format {
        case AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P:
            (Int32(plane.assumingMemoryBound(to: UInt8.self)[index]) - 128) << 24
        case AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P: Int32(plane.assumingMemoryBound(to: Int16.self)[index]) << 16
        case AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P: plane.assumingMemoryBound(to: Int32.self)[index]
        default: 0
        }
    }

    @inline(__always)
    static func real(_ format: AVSampleFormat, _ plane: UnsafeRawPointer, _ index: Int) -> Double {
        switch format {
        case AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP: Double(plane.assumingMemoryBound(to: Float.self)[index])
        case AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP: plane.assumingMemoryBound(to: Double.self)[index]
        default: Double(integer(format, plane, index)) / 2_147_483_648
        }
    }
}

extension StreamDecoder {
    /// The kind of lossless samples in `frame`; nil for a lossy codec.
    fileprivate func sampleKind(of frame: UnsafeMutablePointer<AVFrame>) -> SampleKind? {
        guard isLossless else { return nil }
        switch AVSampleFormat(rawValue: frame.pointee.format) {
        case AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P: return .integer(bits: 8)
        case AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P: return .integer(bits: 16)
        case AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P:
            return .integer(bits: (17...24).contains(bitsPerRawSample) ? 24 : 32)
        case AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP: return .float64
        default: return .float32
        }
    }
}

extension FFmpegInput {
    /// Reads ahead until streams are known, and chooses the best audio stream; negative without one.
    fileprivate func findMainAudio() -> Int {
        // Only audio needs to be known: discarded streams are not decoded while reading ahead.
        for index in streams(of: AVMEDIA_TYPE_VIDEO) { stream(index)?.pointee.discard = AVDISCARD_ALL }
        guard ffmpeg.avformat_find_stream_info(context, nil) >= 0 else { return -1 }
        return Int(ffmpeg.av_find_best_stream(context, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0))
    }

    fileprivate func metadata(stream index: Int) -> PCMMetadata {
        let keys: [(String, PCMMetadata.TextField)] = [
            ("title", .title), ("copyright", .copyright), ("artist", .artist), ("comment", .comment),
            ("date", .date), ("album", .album), ("track", .trackNumber), ("genre", .genre),
        ]
        var metadata = PCMMetadata()
        for dictionary in [context.pointee.metadata, stream(index)?.pointee.metadata] {
            for (key, field) in keys where metadata.text[field] == nil {
                guard let entry = ffmpeg.av_dict_get(dictionary, key, nil, 0), let value = entry.pointee.value else {
                    continue
                }
                metadata.text[field] = String(cString: value)
            }
        }
        return metadata
    }
}
