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
    /// Call it with the longest `DecodeSummary.seconds` of all tracks; what a header claims does not count.
    public func requireLongEnough(decodedSeconds: Double, path: String) throws(MediaError) {
        guard !(decodedSeconds > minimumSeconds) else { return }
        throw MediaError(
            .tooShort,
            "the audio lasts \(seconds(decodedSeconds)) s once decoded; more than \(seconds(minimumSeconds)) s "
                + "are needed. Analyse a longer part of the recording.",
            path: path)
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
