/// When the analysis of a file must be over: whoever makes a file can make it take as long as he likes.
public struct AnalysisDeadline: Sendable {
    let seconds: Double
    let begin: ContinuousClock.Instant
    let path: String

    /// Throws `timeLimit` once it has passed; asked at every block of audio and between the steps of an analysis.
    public func check() throws(MediaError) {
        guard seconds.isFinite, ContinuousClock.now - begin > .seconds(seconds) else { return }
        throw AnalysisDeadline.exceeded(seconds, path: path)
    }

    /// The refusal of a file whose analysis took longer than `seconds`.
    public static func exceeded(_ seconds: Double, path: String) -> MediaError {
        MediaError(
            .timeLimit,
            "takes longer to analyse than the \(grouped(Int64(seconds))) s that a file may take; its content may be "
                + "made to keep this program busy. --time-limit allows more.", path: path)
    }
}

/// Which recordings are accepted for analysis.
public struct RecordingPolicy: Sendable, Equatable {
    /// Largest accepted file, in bytes; a file of exactly this size is accepted.
    public var maximumBytes: Int64
    /// Decoded audio must last strictly longer than this, in seconds.
    public var minimumSeconds: Double
    /// Longest time that an analysis may take, decoding included, in seconds of the clock; infinite for any.
    public var longestAnalysis: Double

    /// Bundles the limits; the defaults are the product's.
    public init(maximumBytes: Int64 = 500_000_000, minimumSeconds: Double = 100, longestAnalysis: Double = .infinity) {
        self.maximumBytes = maximumBytes
        self.minimumSeconds = minimumSeconds
        self.longestAnalysis = longestAnalysis
    }

    /// When the analysis of the file at `path`, which begins now, must be over.
    public func deadline(path: String) -> AnalysisDeadline {
        AnalysisDeadline(seconds: longestAnalysis, begin: .now, path: path)
    }

    /// Refuses a recording whose decoded audio is not longer than `minimumSeconds`.
    ///
    /// Call it with the longest `DecodeSummary.seconds` of all tracks; what a header claims does not count. What the
    /// file lacks, or was not read of it, is told instead of its length where `left` says so: the rest may be longer.
    public func requireLongEnough(
        decodedSeconds: Double, path: String, left: Left = Left()
    ) throws(MediaError) {
        guard !(decodedSeconds > minimumSeconds) else { return }
        let length = "the audio lasts \(seconds(decodedSeconds)) s once decoded"
        let needed = "more than \(seconds(minimumSeconds)) s are needed"
        if let first = left.omitted.first {
            let more = left.omitted.count > 1 ? " (and \(left.omitted.count - 1) more)" : ""
            throw MediaError(
                .corrupt,
                "\(length), and \(needed); but not all of the file was read: \(first.reason)\(more). Take that out, "
                    + "and analyse it by itself.", path: path)
        }
        let declared = left.declaredSeconds
        let words = declared.isFinite ? ", of \(seconds(declared)) s that are declared" : ""
        if declared > minimumSeconds, left.isTruncated {
            throw MediaError(
                .truncated, "the file ends early: \(length)\(words). Get a complete copy of the file.", path: path)
        }
        if declared > minimumSeconds, declared.isFinite, left.corruptPackets > 0, decodedSeconds < declared / 2 {
            throw MediaError(
                .corrupt,
                "\(length)\(words), as packets do not decode (\(left.corruptPackets)). The content is damaged: get a "
                    + "sound copy of the file.", path: path)
        }
        throw MediaError(.tooShort, "\(length); \(needed). Analyse a longer part of the recording.", path: path)
    }

    /// What a file should have beside what was decoded.
    public struct Left: Sendable {
        /// What was not read.
        var omitted: [OmittedTrack] = []
        /// Length that the longest track is said to have, seconds; infinite if nothing says it.
        var declaredSeconds = 0.0
        /// Whether the file ends before what it promises.
        var isTruncated = false
        /// Packets that did not decode.
        var corruptPackets = 0

        /// Nothing.
        public init() {}

        /// Of `recording`, with what decoding found out.
        public init(_ recording: RecordingDecoder, isTruncated: Bool, corruptPackets: Int) {
            omitted = recording.omitted
            // FFmpeg has the length of AVI from the bytes that are there.
            let isTold = recording.container != .avi
            declaredSeconds = recording.tracks.map { isTold ? $0.declaredSeconds ?? .infinity : .infinity }.max() ?? 0
            self.isTruncated = isTruncated
            self.corruptPackets = corruptPackets
        }
    }

    /// Refuses a file of more than `maximumBytes`.
    func requireSmallEnough(byteCount: Int64, path: String) throws(MediaError) {
        guard byteCount > maximumBytes else { return }
        throw MediaError(
            .tooLarge,
            "file is \(grouped(byteCount)) bytes; the limit is \(grouped(maximumBytes)) bytes"
                + megabytes(maximumBytes)
                + ". Cut it" + (ConversionAdvice.extract(of: path, within: maximumBytes).map { ", or \($0)" } ?? ""),
            path: path)
    }

    private func megabytes(_ bytes: Int64) -> String {
        bytes >= 1_000_000 && bytes % 1_000_000 == 0 ? " (\(bytes / 1_000_000) MB)" : ""
    }

    /// Milliseconds suffice for a message; rounded down so that 99.9999 s never reads as 100 s.
    private func seconds(_ value: Double) -> String {
        guard value.isFinite, value >= 0, value < 1e12 else { return "\(value)" }
        let milliseconds = Int64(value * 1000)
        if milliseconds % 1000 == 0 { return "\(milliseconds / 1000)" }
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
