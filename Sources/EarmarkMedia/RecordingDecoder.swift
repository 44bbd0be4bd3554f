internal import CFFmpeg

/// Opens a recording of unknown origin and decodes its audio tracks.
///
/// The file is taken for hostile: its type is judged by content, FFmpeg sees bytes through callbacks only and may
/// open nothing else, and video is never decoded. Sendable: all state is fixed once opened, and every decode works
/// on its own copy of FFmpeg's state, so tracks may be decoded at the same time.
public final class RecordingDecoder: Sendable {
    /// What the content proved to be.
    public let container: RecordingContainer
    /// The audio tracks that decode, in file order; never empty.
    public let tracks: [AudioTrack]
    /// Size of the file, in bytes.
    public let byteCount: Int64
    /// The path it was opened at.
    public let path: String

    private let source: ByteSource
    private let plans: [TrackPlan]
    private let isTruncated: Bool
    private let openingWarnings: [String]

    /// Rates that `decode` can deliver, in hertz.
    public static let deliverableSampleRates = 4_000...384_000

    /// Opens the file at `path`, judges it, and decodes the beginning of each audio track.
    ///
    /// Throws every `MediaError` code except `tooShort` and `writeFailed`. The size is checked before anything is
    /// read; the duration is only known after decoding, see `RecordingPolicy.requireLongEnough`.
    public init(path: String, policy: RecordingPolicy = RecordingPolicy()) throws(MediaError) {
        HeapTrim.now()
        let source = try ByteSource(path: path)
        try policy.requireSmallEnough(byteCount: source.size, path: path)
        let judged = try ContainerJudge.judge(source)
        let survey = try TrackSurvey(source: source, recording: judged)
        self.path = path
        self.source = source
        self.container = judged.container
        self.byteCount = source.size
        self.tracks = survey.tracks
        self.plans = survey.plans
        self.isTruncated = judged.isTruncated
        self.openingWarnings = survey.warnings
    }

    /// Decodes a whole track and hands it to `body` in blocks.
    ///
    /// - Parameters:
    ///   - track: an `AudioTrack.index`.
    ///   - sampleRate: rate of the blocks in hertz, within `deliverableSampleRates`; nil keeps the track's own.
    ///   - body: called for each block in order, on this thread; what it throws ends the decode and is passed on.
    /// - Returns: what was decoded, and what was wrong with it.
    /// - Throws: `MediaError` `outOfRange` for an unknown track or rate, `corrupt` if nothing decodes, `unreadable`
    ///   if the disk fails; and what `body` throws.
    ///
    /// May be called again, and from several threads at once. Blocks keep one rate and channel count to the end, even
    /// if the stream changes; channels are never mixed. A mono passage in a track of more channels fills them all.
    public func decode(
        track: Int, sampleRate: Int? = nil, body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        guard plans.indices.contains(track) else {
            throw MediaError(.outOfRange, "has no audio track \(track); it has \(tracks.count).", path: path)
        }
        let rate = sampleRate ?? tracks[track].sampleRate
        guard sampleRate == nil || RecordingDecoder.deliverableSampleRates.contains(rate) else {
            throw MediaError(
                .outOfRange,
                "cannot be delivered at \(rate) Hz; the range is \(RecordingDecoder.deliverableSampleRates) Hz.",
                path: path)
        }
        var pass = try DecodePass(source: source, plan: plans[track], track: tracks[track], outputRate: rate)
        return try pass.run(isTruncated: isTruncated, warnings: openingWarnings, body: body)
    }

    /// Hands the file's bytes to `body` in order, as for a digest; the same open file that is decoded.
    public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try RecordingDecoder.forEachChunk(of: source, body)
    }

    /// Hands the bytes of the plain file at `path` to `body` in order, without a look at what they mean.
    public static func forEachChunk(path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try forEachChunk(of: try ByteSource(path: path), body)
    }

    private static func forEachChunk(of source: ByteSource, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { chunk.deallocate() }
        var offset: Int64 = 0
        while offset < source.size {
            let count = source.read(at: offset, into: chunk)
            guard count > 0 else {
                let reason = count < 0 ? systemMessage(Int32(-count)) : "it became shorter while being read"
                throw MediaError(
                    .unreadable, "cannot be read at byte \(grouped(offset)): \(reason).", path: source.path)
            }
            try body(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            offset += Int64(count)
        }
    }
}

/// How to open one track afresh.
struct TrackPlan: Sendable {
    var demuxer: String
    var window: Range<Int64>
    var patches: [BytePatch]
    var streamIndex: Int
    var rawStream: MPEGAudioSync.Stream?

    func open(_ source: ByteSource) throws(MediaError) -> StreamDecoder {
        let input = try FFmpegInput(source: source, window: window, patches: patches, demuxers: [demuxer])
        return try StreamDecoder(input: input, stream: streamIndex, rawStream: rawStream, path: source.path)
    }
}
