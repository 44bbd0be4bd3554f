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
    /// Share of the playout mark's evidence that the tag beside an echo has at least: 0.28 to 0.71 were measured over
    /// rooms and losses of 10 to 30 dB (docs/measurements/2026-11-29-microphone-tags.md).
    private static let leastShare = 0.2
    /// Standard deviations by which a tag may fall short of that.
    private static let shortfall = 2.5
    /// Another client's tag of at least this share carries the mark; a talker's tag in what a client recorded has 0.4
    /// at most, its depth.
    private static let otherShare = 0.5
    /// Delays at which a tag that is weaker than that says anything, seconds: clocks are right to that.
    private static let near = -0.1...0.61

    /// What tags say of `source`.
    public init(_ source: Detection.Source) {
        if let tag = source.tag, Self.isHeard(tag) {
            self = .own
            return
        }
        if let other = source.otherTag, other.tag.playoutZ > 0 {
            let share = other.tag.z / other.tag.playoutZ
            if share >= (Self.near.contains(other.tag.delay) ? Self.leastShare : Self.otherShare) {
                guard other.tag.delay >= Detection.Tag.leastDelay else {
                    self = .open
                    return
                }
                self = share >= Self.otherShare ? .other(other.candidate) : .undecided(other.candidate)
                return
            }
        }
        self = source.tag.map(Self.isAbsent) == true ? .absent : .open
    }

    private static func isHeard(_ tag: Detection.Tag) -> Bool {
        tag.isCertain || tag.log10Chance <= log10Heard && tag.z >= leastShare * tag.playoutZ
    }

    /// Whether the tag of an echo would have been heard.
    private static func isAbsent(_ tag: Detection.Tag) -> Bool {
        let least = RademacherBound.requiredZ(log10Threshold: log10Heard, log10Hypotheses: tag.log10Tests)
        return tag.z < least && leastShare * tag.playoutZ - shortfall >= least
    }
}
