internal import EarmarkAnswer
internal import EarmarkDetect

/// What the stretches of a triage have shown together so far.
///
/// Whoever chooses what a recording holds chooses what a stretch of it shows. So each one that shows anything must show
/// the same, and clearly, and none may say anything against it.
struct TriageAgreement {
    /// The stretches together; nil before the first.
    private(set) var joined: Detection?
    /// Whether one of them showed what is no answer: then all of the recording is read.
    private(set) var isBroken = false
    private let log10Threshold: Double
    /// Where stretches begin that show clearly who recorded, seconds.
    private var clear: [Double] = []

    init(log10Threshold: Double) { self.log10Threshold = log10Threshold }

    /// Whether enough of them, far from one another, showed the same.
    var isAgreed: Bool {
        guard !isBroken, clear.count >= Triage.leastClear, let first = clear.min(), let last = clear.max() else {
            return false
        }
        return last - first >= Triage.leastApart
    }

    /// Takes what a stretch showed that begins at `start` seconds.
    mutating func take(_ found: Detection, at start: Double) {
        if found.sources.isEmpty {
            // The meeting's mark without anybody's, or with one too weak to name, may be another's.
            isBroken = isBroken || found.log10Presence <= log10Threshold
        } else {
            let others = joined?.sources ?? []
            isBroken =
                isBroken || !found.isClear(log10Threshold: log10Threshold)
                || !others.isEmpty && Set(others.map(\.candidate)) != Set(found.sources.map(\.candidate))
            clear.append(start)
        }
        joined = joined?.joined(found) ?? found
        guard !isBroken, let joined, !joined.sources.isEmpty else { return }
        isBroken = !joined.isClear(log10Threshold: log10Threshold)
    }
}

extension Detection {
    /// Whether it shows who recorded, and nothing that more of the recording could take back.
    ///
    /// All who are found must be held to have recorded, and be held so by tags, too, if their clients tag what their
    /// microphones send, and by content: in more of the recording a tag may be heard that is too weak to tell here, or
    /// a copy be told.
    func isClear(log10Threshold: Double) -> Bool {
        !sources.isEmpty && CrossTalk.judgements(sources).allSatisfy { $0 == .recorded }
            && sources.allSatisfy {
                ($0.tag == nil || MicrophoneEvidence($0) == .absent)
                    && ContentEvidence($0, log10Threshold: log10Threshold) == .confirmed
            }
    }

    /// What two stretches showed together: for each source the better evidence for its mark, all places where it was
    /// heard, and of all that might speak against it what speaks most.
    func joined(_ other: Detection) -> Detection {
        let isFirst = pilotScore >= other.pilotScore
        var all = isFirst ? self : other
        let rest = isFirst ? other : self
        for source in rest.sources {
            if let index = all.sources.firstIndex(where: { $0.candidate == source.candidate }) {
                all.sources[index] = all.sources[index].joined(source)
            } else {
                all.sources.append(source)
            }
        }
        all.sources.sort { ($1.z, $0.candidate) < ($0.z, $1.candidate) }
        all.decoys = decoys ?? other.decoys
        all.log10Presence = min(log10Presence, other.log10Presence)
        all.expectation.take(rest.expectation)
        return all
    }
}

extension Detection.Source {
    /// The same source in two stretches.
    func joined(_ other: Detection.Source) -> Detection.Source {
        let isBetter = (other.log10FalseAccusation, -other.z) < (log10FalseAccusation, -z)
        var best = isBetter ? other : self
        best.spans = (spans + other.spans).sorted { $0.recording.lowerBound < $1.recording.lowerBound }
        best.steps = (steps + other.steps).sorted { $0.recording.lowerBound < $1.recording.lowerBound }
        best.level = level.leastDecibels <= other.level.leastDecibels ? level : other.level
        best.tag = tag.map { $0.joined(other.tag) } ?? other.tag
        let isWeaker = Detection.OtherTag.speak(otherTags) < Detection.OtherTag.speak(other.otherTags)
        best.otherTags = isWeaker ? other.otherTags : otherTags
        best.content = content?.joined(other.content) ?? other.content
        return best
    }
}

extension Detection.Tag {
    /// How much a tag speaks for an echo: its share of what the mark beside it shows.
    fileprivate var speaks: Double { playoutZ > 0 ? z / playoutZ : .infinity }

    /// The one of two stretches that speaks more for an echo, with all that the other says for one that moves.
    fileprivate func joined(_ other: Detection.Tag?) -> Detection.Tag {
        guard let other else { return self }
        var most = speaks >= other.speaks ? self : other
        most.log10MovingChance = min(log10MovingChance, other.log10MovingChance)
        most.log10MovingRatio = max(log10MovingRatio, other.log10MovingRatio)
        return most
    }
}

extension Detection.OtherTag {
    /// How much tags speak for an echo in all.
    fileprivate static func speak(_ tags: [Detection.OtherTag]) -> Double { tags.reduce(0) { $0 + $1.tag.speaks } }
}

extension Detection.Content {
    /// The weaker confirmation of two stretches, with what is said of both.
    fileprivate func joined(_ other: Detection.Content?) -> Detection.Content {
        guard let other else { return self }
        var worst = (log10Chance, -z) >= (other.log10Chance, -other.z) ? self : other
        worst.stretches = (stretches + other.stretches).sorted {
            $0.recording.lowerBound < $1.recording.lowerBound
        }
        return worst
    }
}
