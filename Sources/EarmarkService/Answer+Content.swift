import EarmarkAnalysis
import EarmarkAnswer
import EarmarkDetect

extension Answer.Content {
    /// Nil where content cells were not looked at.
    init?(_ source: Detection.Source, log10Threshold: Double) {
        guard let content = source.content else { return nil }
        let evidence = ContentEvidence(source, log10Threshold: log10Threshold)
        self.init(
            state: State(evidence), log10Bound: content.log10Chance, z: content.z, expectedZ: content.expectedZ,
            stretches: Answer.Content.joined(
                content.stretches.map {
                    Stretch(
                        from: $0.recording.lowerBound, to: $0.recording.upperBound,
                        state: State(evidence.judgement(of: $0)))
                }))
    }

    /// Seconds that steps of two pieces of a recording may lie apart where one follows the other: a chip and a half.
    private static let gap = 0.1

    /// Neighbours of one state as one.
    private static func joined(_ stretches: [Stretch]) -> [Stretch] {
        var joined: [Stretch] = []
        for stretch in stretches {
            if let last = joined.last, last.state == stretch.state, last.to + gap >= stretch.from {
                joined[joined.count - 1] = Stretch(from: last.from, to: stretch.to, state: last.state)
            } else {
                joined.append(stretch)
            }
        }
        return joined
    }
}

extension Answer.Content.State {
    init(_ evidence: ContentEvidence) {
        switch evidence {
        case .confirmed: self = .confirmed
        case .contradicted: self = .contradicted
        case .open: self = .open
        }
    }
}
