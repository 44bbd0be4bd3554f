import Synchronization

/// Opens a recording of unknown origin and decodes its audio tracks.
///
/// The file is taken for hostile: its type is judged by content, FFmpeg sees bytes through callbacks only and may open
/// nothing else, video is never decoded, and with a `DecoderWorker` all of that happens in a process that has no other
/// rights. Sendable: every decode works on its own copy of FFmpeg's state, so tracks may be decoded at the same time.
public final class RecordingDecoder: Sendable {
    /// What the content proved to be.
    public let container: RecordingContainer
    /// The audio tracks that decode, in file order; never empty.
    public let tracks: [AudioTrack]
    /// The audio tracks that do not, in file order, each with the reason.
    public let omitted: [OmittedTrack]
    /// Size of the file, in bytes.
    public let byteCount: Int64
    /// The path it was opened at.
    public let path: String

    /// Who decodes.
    private enum Place {
        case here(LocalRecording)
        case worker(WorkerPool)
    }

    private let source: ByteSource
    private let place: Place
    /// Seconds that each track gave.
    private let heard = Mutex<[Int: Double]>([:])

    /// Rates that `decode` can deliver, in hertz.
    public static let deliverableSampleRates = 4_000...384_000
    /// Channels that can be delivered, from 0.
    static let channels = 0..<SampleScratch.maximumChannels

    /// Opens the file at `path`, judges it, and decodes the beginning of each audio track.
    ///
    /// With a `worker`, another process does so, and decodes later; without, this one.
    ///
    /// Throws every `MediaError` code except `tooShort` and `writeFailed`. The size is checked before anything is
    /// read; the duration is only known after decoding, see `RecordingPolicy.requireLongEnough`.
    public init(
        path: String, policy: RecordingPolicy = RecordingPolicy(), worker: DecoderWorker? = nil
    ) throws(MediaError) {
        let source = try ByteSource(path: path)
        try policy.requireSmallEnough(byteCount: source.size, path: path)
        let file: OpenedFile
        if let worker {
            // What was examined before left its heap behind, which counts beside the decoder's memory.
            HeapTrim.now()
            let pool = try WorkerPool(worker, source)
            file = pool.file
            place = .worker(pool)
        } else {
            let recording = try LocalRecording(source)
            file = recording.file
            place = .here(recording)
        }
        self.path = path
        self.source = source
        container = file.container
        tracks = file.tracks
        omitted = file.omitted
        byteCount = source.size
    }

    /// Decodes a whole track and hands it to `body` in blocks.
    ///
    /// - Parameters:
    ///   - track: an `AudioTrack.index`, or `inOnePiece` of one.
    ///   - sampleRate: rate of the blocks in hertz, within `deliverableSampleRates`; nil keeps the track's own.
    ///   - channels: those that are delivered, of `AudioTrack.deliveredChannels`; nil for all.
    ///   - body: called for each block in order, on this thread; what it throws ends the decode and is passed on.
    /// - Returns: what was decoded, and what was wrong with it.
    /// - Throws: `MediaError` `outOfRange` for an unknown track or rate, `corrupt` if nothing decodes or the worker
    ///   crashes on it, `unreadable` if the disk fails or the worker is killed; and what `body` throws.
    ///
    /// May be called again, and from several threads at once. Blocks keep one rate and channel count to the end, even
    /// if the stream changes; channels are never mixed. A mono passage in a track of more channels fills them all.
    public func decode(
        track: Int, sampleRate: Int? = nil, channels: Range<Int>? = nil,
        body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        guard (0..<2 * tracks.count).contains(track) else {
            throw MediaError(.outOfRange, "has no audio track \(track); it has \(tracks.count).", path: path)
        }
        let rate = sampleRate ?? self.track(track).sampleRate
        guard sampleRate == nil || RecordingDecoder.deliverableSampleRates.contains(rate) else {
            throw MediaError(
                .outOfRange,
                "cannot be delivered at \(rate) Hz; the range is \(RecordingDecoder.deliverableSampleRates) Hz.",
                path: path)
        }
        let all = 0..<self.track(track).deliveredChannels
        let channels = channels ?? all
        guard !channels.isEmpty, all.lowerBound <= channels.lowerBound, channels.upperBound <= all.upperBound else {
            throw MediaError(.outOfRange, "has no channels \(channels) in track \(track).", path: path)
        }
        let others = heard.withLock { $0.filter { $0.key != track % tracks.count }.values.reduce(0, +) }
        if let failure = DecodeBounds.failure(ofAll: others, bytes: byteCount, path: path) { throw failure }
        let summary = try decode(track, rate, channels, stretch: nil, body)
        heard.withLock { $0[track % tracks.count] = summary.seconds }
        return summary
    }

    /// Decodes a stretch of a track by itself, having sought it, and hands all of its channels to `body`.
    ///
    /// Only for a track of which `stretchProblem` says nothing. A stretch that the file does not have, or that cannot
    /// be found in it, has no frames. Throws as `decode` does.
    public func decode(
        track: Int, stretch: DecodeStretch, sampleRate: Int, body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        guard tracks.indices.contains(track), RecordingDecoder.deliverableSampleRates.contains(sampleRate) else {
            throw MediaError(.outOfRange, "has no such track, or cannot be delivered at this rate.", path: path)
        }
        return try decode(track, sampleRate, 0..<tracks[track].deliveredChannels, stretch: stretch, body)
    }

    private func decode(
        _ track: Int, _ rate: Int, _ channels: Range<Int>, stretch: DecodeStretch?,
        _ body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        switch place {
        case .here(let recording):
            try recording.decode(track: track, sampleRate: rate, channels: channels, stretch: stretch, body: body)
        case .worker(let pool):
            try pool.use { worker in
                try worker.decode(track: track, sampleRate: rate, channels: channels, stretch: stretch, body: body)
            }
        }
    }

    /// Hands the file's bytes to `body` in order, as for a digest; the same open file that is decoded.
    ///
    /// Throws `MediaError` `unreadable` at the end if the file was written to since it was opened: after the last
    /// decode, that shows that what was decoded is what the digest is of.
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
        try source.requireUnchanged()
    }
}

/// The workers that have one file open: one as a rule, more where tracks are decoded at the same time.
private final class WorkerPool: Sendable {
    let file: OpenedFile
    private let worker: DecoderWorker
    private let source: ByteSource
    private let state: Mutex<State>

    private struct State {
        var idle: [WorkerProcess]
        /// Why no decoder is risked on the file any more.
        var verdict: MediaError?
    }

    init(_ worker: DecoderWorker, _ source: ByteSource) throws(MediaError) {
        let first: WorkerProcess
        do {
            first = try WorkerProcess(worker, source)
        } catch let error as MediaError {
            throw error
        } catch {
            throw MediaError(
                .unreadable, "cannot be handed to the process that decodes: \(error).", path: source.path,
                cause: .machine)
        }
        file = first.file
        self.worker = worker
        self.source = source
        state = Mutex(State(idle: [first]))
    }

    /// Lends a worker; if `work` fails, that worker ends: it may be in the middle of something.
    ///
    /// A file that made a decoder crash or go on for ever gets no further one: each of its tracks could cost as much
    /// again.
    func use<Result>(_ work: (WorkerProcess) throws -> Result) throws -> Result {
        let (waiting, verdict) = state.withLock { ($0.idle.popLast(), $0.verdict) }
        if let verdict { throw verdict }
        let process: WorkerProcess
        if let waiting {
            process = waiting
        } else {
            process = try WorkerProcess(worker, source)
            guard process.file == file else {
                throw MediaError(.unreadable, "changed while it was read.", path: source.path)
            }
        }
        do {
            let result = try work(process)
            state.withLock { $0.idle.append(process) }
            return result
        } catch let error as MediaError where process.link.isOver && error.code == .corrupt {
            state.withLock { $0.verdict = error }
            throw error
        }
    }
}
