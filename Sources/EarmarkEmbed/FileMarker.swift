import EarmarkFiles
public import EarmarkMark
public import EarmarkMedia
internal import Foundation

/// Marks a whole file: same length, same rate, sample-aligned.
public struct FileMarker: Sendable {
    /// What was written.
    public struct Summary: Sendable {
        /// Frames in and out.
        public var frames: Int64
        /// Shape of the output.
        public var format: PCMFormat
        /// How much of it carries the mark.
        public var coverage: MarkCoverage
        /// Seconds of audio.
        public var seconds: Double { Double(frames) / Double(format.sampleRate) }
    }

    private let seeds: MarkSeeds
    private let strength: Strength
    private let role: MarkRole
    private let startSeconds: Double
    private let processors: Int

    /// `role` says whether the file is what the client plays or what its microphone sends; `startSeconds` is the
    /// meeting time of the first sample.
    ///
    /// Of `processors`, by default all that the process may use, it takes what it can: reading, marking and writing run
    /// side by side. The bits do not depend on it. With one, the calling thread does everything.
    public init(
        seeds: MarkSeeds, strength: Strength, role: MarkRole = .playout, startSeconds: Double, processors: Int? = nil
    ) {
        self.seeds = seeds
        self.strength = strength
        self.role = role
        self.startSeconds = startSeconds
        self.processors = processors ?? ProcessInfo.processInfo.activeProcessorCount
    }

    /// Reads all of `source` and writes it, marked, to `path`; the extension names the container.
    ///
    /// Keeps the sample format where the container can hold it, metadata, and every sample of digital silence.
    /// `progress` is called with the frames done, on the calling thread. On an error the output does not appear. The
    /// unmarked audio is never overwritten: a `path` that leads to the source, by whatever links, is refused.
    public func mark(
        _ source: any PCMSource, to path: String, progress: ((Int64) -> Void)? = nil
    ) throws(MediaError) -> Summary {
        guard let container = PCMContainer(path: path) else {
            throw MediaError(
                .unsupportedType, "cannot be written: end the name in .wav, .flac, .aiff, .caf, .w64 or .rf64.",
                path: path)
        }
        guard !PrivateFile.isSame(source.path, path) else {
            throw MediaError(
                .outOfRange, "is the audio that is to be marked, which would be lost: choose another name.", path: path)
        }
        let kind = container.nearest(to: source.outputKind)
        let format = PCMFormat(
            container: container, kind: kind, sampleRate: source.format.sampleRate, channels: source.format.channels,
            frames: source.format.frames)
        guard
            var embedder = Embedder(
                seeds: seeds,
                parameters: .init(
                    sampleRate: Double(format.sampleRate), channels: format.channels, strength: strength,
                    role: role))
        else {
            throw MediaError(
                .outOfRange,
                "has \(format.channels) channels at \(format.sampleRate) Hz; "
                    + "8,000-192,000 Hz and 1-8 channels can be marked.", path: source.path)
        }
        embedder.setTime(startSeconds)
        let writer = try PCMWriter(path: path, format: format, metadata: source.metadata)
        let route = SampleRoute(source: source.format.kind, target: kind)
        var coverage = MarkCoverage(sampleRate: Double(format.sampleRate), channels: format.channels)
        let pipeline = MarkPipeline(source: source, writer: writer, route: route, progress: progress)
        try pipeline.run(embedder, &coverage, processors: processors)
        try writer.finish()
        return Summary(frames: writer.framesWritten, format: format, coverage: coverage)
    }
}

/// How samples travel from source to target so that an unmarked sample arrives exactly as it was.
enum SampleRoute {
    /// Integers to integers of `bits` bits: only the mark is rounded.
    case integer(bits: Int)
    /// Any to float: the mark is added in the target's precision.
    case float
    /// Floats to integers of `bits` bits: the sum is rounded.
    case quantise(bits: Int)

    /// Bits that samples are rounded to; 32 where none are.
    var bits: Int {
        switch self {
        case .integer(let bits), .quantise(let bits): bits
        case .float: 32
        }
    }

    init(source: SampleKind, target: SampleKind) {
        switch (source, target) {
        case (.integer, .integer(let bits)): self = .integer(bits: bits)
        case (_, .integer(let bits)): self = .quantise(bits: bits)
        default: self = .float
        }
    }
}
