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

    /// Verdict on a source.
    public static func of(_ finding: CrossTalk.Judgement) -> Verdict { finding == .recorded ? .identified : .trace }

    /// Verdict on the whole recording.
    ///
    /// `log10Threshold` is the bound that presence must meet, too.
    public static func of(_ detection: Detection, log10Threshold: Double) -> Verdict {
        let findings = CrossTalk.judgements(detection.sources)
        if findings.contains(.recorded) { return .identified }
        if !findings.isEmpty { return .trace }
        return detection.log10Presence <= log10Threshold ? .inconclusive : .notFound
    }
}
