public import EarmarkDetect

/// What content cells say of whether a source's mark was put on the audio in which it was found (docs/statistics.md,
/// "Content").
public enum ContentEvidence: Sendable, Equatable {
    /// It was: the proven bound is met.
    case confirmed
    /// It was not: a genuine mark of this level, in audio of this quality, would have shown that, and does not.
    case contradicted
    /// Too little is left to tell.
    case open

    /// z expected of a genuine mark from which on its absence is told.
    private static let leastExpected = 6.0
    /// The same for each root of a second in which the source was heard, however long that is.
    ///
    /// Where less is left of a mark (across a room, babble, Opus at 6 kbit/s, AMR at 4.75), words are read wrong more
    /// often than they look, and a genuine mark may show a tenth of what is expected.
    private static let leastRate = 0.52
    /// What shows less was copied, as a share of what is expected, by how the mark is spread.
    ///
    /// Even: genuine marks reached 0.6 at least over the attacks that leave as much as that, and a copy that leaves
    /// alone every cell whose word disagrees reaches 0.15. Uneven: beside voices as loud as the talkers a genuine mark
    /// showed 0.1 once of thirty. Unsure: beside a talker who is louder 0.28, so only what such a copy reaches, and
    /// what chance leaves of 95 copies in a hundred (docs/measurements).
    private static let evenShare = 0.3
    private static let unevenShare = 0.1
    private static let unsureShare = 0.2
    private static let copiedZ = 1.65
    /// z expected from which on a mark is contradicted, however long it was heard, that shows next to nothing, where it
    /// is left everywhere alike and where it may lie below other voices; and how little that is, as a share.
    ///
    /// What was copied shows 0 with a deviation of 1; genuine marks that codecs, rooms and noise had left little of 0.4
    /// or more in two minutes; in eleven minutes all 0.56 or more (docs/measurements).
    private static let leastPatient = (even: 4.5, other: 7.0)
    private static let patientShare = 0.15
    /// Share of what is expected from which on content is confirmed: genuine marks that the bound confirms reach 0.84
    /// of it or more, other audio that was bent until its words agree 0.4 to 0.7 (docs/measurements).
    private static let confirmedShare = 0.75
    /// The same where little is expected: half of it, less two deviations.
    private static let slope = 0.5
    private static let offset = 2.0
    /// Evidence for a kind of stretch over that it is whole, natural log, from which on it is told.
    private static let leastStretchLog = 8.0
    /// z of the content cells of a stretch from which on it is confirmed by itself.
    private static let leastStretchZ = 3.0

    /// What they say of `source`; `log10Threshold` is the bound that must be met.
    public init(_ source: Detection.Source, log10Threshold: Double) {
        guard let content = source.content else {
            self = .open
            return
        }
        let heard = source.spans.reduce(0) { $0 + $1.seconds }
        let isStrong =
            content.expectedZ >= max(ContentEvidence.leastExpected, ContentEvidence.leastRate * heard.squareRoot())
        let isPatient = content.expectedZ >= Self.leastPatient(content.evenness)
        let patientShare = content.evenness == .uneven ? ContentEvidence.unevenShare : ContentEvidence.patientShare
        if isStrong && content.z < ContentEvidence.leastGenuine(content)
            || isPatient && content.z < patientShare * content.expectedZ
        {
            self = .contradicted
        } else if content.log10Chance <= log10Threshold, content.z >= ContentEvidence.confirmedShare * content.expectedZ
        {
            self = .confirmed
        } else {
            self = .open
        }
    }

    /// z that a genuine mark of which this much is expected shows at least.
    private static func leastGenuine(_ content: Detection.Content) -> Double {
        let expected = content.expectedZ
        let even = min(evenShare * expected, slope * expected - offset)
        switch content.evenness {
        case .even: return even
        case .uneven: return min(even, unevenShare * expected)
        case .unsure: return min(even, max(copiedZ, unsureShare * expected))
        }
    }

    private static func leastPatient(_ evenness: Detection.Content.Evenness) -> Double {
        evenness == .even ? leastPatient.even : leastPatient.other
    }

    /// What they say of a stretch of a recording of whose source they say this.
    public func judgement(of stretch: Detection.ContentStretch) -> ContentEvidence {
        switch self {
        case .open: .open
        case .contradicted:
            stretch.kind == .unmarked && stretch.log < ContentEvidence.leastStretchLog ? .open : .contradicted
        case .confirmed:
            switch stretch.kind {
            case .whole: stretch.z >= ContentEvidence.leastStretchZ ? .confirmed : .open
            case .copied, .unmarked: stretch.log >= ContentEvidence.leastStretchLog ? .contradicted : .open
            }
        }
    }
}
