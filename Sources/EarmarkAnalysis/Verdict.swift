public import EarmarkAnswer
public import EarmarkDetect

extension Verdict {
    /// Verdict on a source.
    public init(_ finding: CrossTalk.Finding) {
        switch finding {
        case .recorded: self = .identified
        case .weakAlone, .weakBeside: self = .trace
        }
    }

    /// Verdict on the whole recording.
    ///
    /// `log10Threshold` is the bound that presence must meet, too.
    public init(_ detection: Detection, log10Threshold: Double) {
        let findings = CrossTalk.findings(detection.sources)
        if findings.contains(.recorded) {
            self = .identified
        } else if !findings.isEmpty {
            self = .trace
        } else {
            self = detection.log10Presence <= log10Threshold ? .inconclusive : .notFound
        }
    }
}
