public import EarmarkDetect

/// What tags say of the way that a source's mark took into the recording (docs/statistics.md, section 8).
public enum MicrophoneEvidence: Sendable, Equatable {
    /// It came through the client's own microphone, whose tag stands beside it.
    case own
    /// It came through the microphone of the client with this index into the candidates.
    case other(Int)
    /// The tag of the client with this index stands there: it came through that microphone, or that client talked and
    /// clocks are off.
    case undecided(Int)
    /// A tag would stand beside an echo of this strength and does not.
    case absent
    /// No tag could show, or the client sends none.
    case open

    /// log10 of the chance at which a tag counts as heard: it takes an accusation away and makes none.
    private static let log10Heard = -3.0
    /// The same for one whose delay changes now and then, which adds a tenth to that chance.
    private static let log10MovingHeard = -4.0
    /// log10 of how much less likely a tag that moves must be than none where none is said to be there.
    private static let log10MovingAbsent = -2.0
    /// Standard deviations by which a tag may fall short of its least share.
    private static let shortfall = 2.5
    /// Other clients' tags of at least this share carry the mark; those of talkers in what a client recorded have 0.4
    /// in all at most, their depth.
    private static let otherShare = 0.5
    /// Delays at which tags that are weaker than that say anything, seconds: clocks are right to that.
    private static let near = -0.1...0.61

    /// What tags say of `source`.
    public init(_ source: Detection.Source) {
        if let tag = source.tag, Self.isHeard(tag) {
            self = .own
            return
        }
        self = Self.others(source.otherTags) ?? (source.tag.map(Self.isAbsent) == true ? .absent : .open)
    }

    /// What other clients' tags say, strongest first; nil if that is nothing.
    ///
    /// A loudspeaker may reach several microphones: tags beside the mark count together.
    private static func others(_ tags: [Detection.OtherTag]) -> MicrophoneEvidence? {
        guard let first = tags.first, first.tag.playoutZ > 0 else { return nil }
        let behind = tags.filter { near.contains($0.tag.delay) && $0.tag.delay >= Detection.Tag.leastDelay }
        let carried = behind.reduce(0) { $0 + $1.tag.z / $1.tag.playoutZ }
        if let carrier = behind.first, carried >= Detection.Tag.leastShare {
            return carried >= otherShare ? .other(carrier.candidate) : .undecided(carrier.candidate)
        }
        let share = first.tag.z / first.tag.playoutZ
        guard share >= (near.contains(first.tag.delay) ? Detection.Tag.leastShare : otherShare) else { return nil }
        return first.tag.delay >= Detection.Tag.leastDelay ? .other(first.candidate) : .open
    }

    private static func isHeard(_ tag: Detection.Tag) -> Bool {
        tag.isCertain || tag.log10MovingChance <= log10MovingHeard
            || tag.log10Chance <= log10Heard && tag.z >= Detection.Tag.leastShare * tag.playoutZ
    }

    /// Whether the tag of an echo would have been heard, also one whose delay changes now and then.
    private static func isAbsent(_ tag: Detection.Tag) -> Bool {
        let least = RademacherBound.requiredZ(log10Threshold: log10Heard, log10Hypotheses: tag.log10Tests)
        return tag.z < least && Detection.Tag.leastShare * tag.playoutZ - shortfall >= least
            && tag.log10MovingRatio <= log10MovingAbsent
    }
}
