public import EarmarkDetect

/// What an examination amounts to, from the detection alone.
public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// A source meets the bound.
    case identified
    /// A source meets the bound but its mark is so weak that it may be echo cross-talk.
    case trace
    /// The meeting's mark is proven present, nobody reaches the bound.
    case inconclusive
    /// Neither.
    case notFound = "not-found"

    /// A lone source this many decibels below the pilot may be another room's loudspeaker in an open microphone.
    public static let crossTalkFloor = -12.0

    /// Verdict on one of several sources.
    public static func of(_ source: Detection.Source, among count: Int) -> Verdict {
        count == 1 && source.strength < crossTalkFloor ? .trace : .identified
    }

    /// Verdict on the whole recording.
    ///
    /// `log10Threshold` is the bound that presence must meet, too.
    public static func of(_ detection: Detection, log10Threshold: Double) -> Verdict {
        let verdicts = detection.sources.map { of($0, among: detection.sources.count) }
        if verdicts.contains(.identified) { return .identified }
        if verdicts.contains(.trace) { return .trace }
        return detection.log10Presence <= log10Threshold ? .inconclusive : .notFound
    }
}
