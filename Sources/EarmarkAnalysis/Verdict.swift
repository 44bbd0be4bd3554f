public import EarmarkAnswer
public import EarmarkDetect

extension Verdict {
    /// Verdict on a source.
    public init(_ judgement: CrossTalk.Judgement) {
        switch judgement {
        case .recorded: self = .identified
        case .detached: self = .detached
        case .weakAlone, .weakBeside, .ownMicrophone, .otherMicrophone, .undecided: self = .trace
        }
    }

    /// Verdict on the whole recording.
    ///
    /// `log10Threshold` is the bound that presence must meet, too; `isComplete`: no audio was left out.
    public init(_ detection: Detection, log10Threshold: Double, isComplete: Bool = true) {
        let judgements = CrossTalk.judgements(detection.sources)
        if judgements.contains(.recorded) {
            self = .identified
        } else if judgements.contains(.detached) {
            self = .detached
        } else if !judgements.isEmpty {
            self = .trace
        } else {
            let absence: Verdict = isComplete ? .notFound : .incomplete
            self = detection.log10Presence <= log10Threshold ? .inconclusive : absence
        }
    }
}
