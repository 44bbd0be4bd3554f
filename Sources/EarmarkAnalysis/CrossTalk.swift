internal import CMath
public import EarmarkDetect
public import EarmarkMark

/// Tells those who recorded from those whose loudspeaker reached an open microphone of the meeting.
///
/// Takes accusations away and never makes one, so the bound on false accusation stays as proven. The model behind the
/// constants is in docs/statistics.md, "Echoes".
public enum CrossTalk {
    /// What is held of a source that meets the bound.
    public enum Judgement: Sendable, Equatable {
        /// Too strong for an echo, or not where an echo would be.
        case recorded
        /// No source of the file is stronger than an echo could be.
        case weakAlone
        /// As weak beside a stronger source as an echo would be.
        case weakBeside
        /// It came through its own client's microphone.
        case ownMicrophone
        /// It came through the microphone of the client with this index into the candidates.
        case otherMicrophone(Int)
        /// It was put on other audio than this: copied from another recording.
        case detached
        /// It may have come through the microphone of that client, or that client talked and clocks are off.
        case undecided(Int)
    }

    /// Furthest that two sources' meeting times may lie apart and still have left their loudspeakers at the same
    /// moment, seconds.
    ///
    /// Sound crosses 10 m in 0.03 s; coding, network and jitter buffers delay an echo by 0.1 s and more.
    public static let sameTime = 0.04

    /// A judgement of each source, in their order: by tags where they say something, else by level; `limits` are those
    /// of the profile whose marks were found.
    public static func judgements(
        _ sources: [Detection.Source], limits: EchoLimits = MarkProfile.inForce.echo
    ) -> [Judgement] {
        let evidence = sources.map { MicrophoneEvidence($0) }
        // No bound enters into what is contradicted.
        let isDetached = sources.map { ContentEvidence($0, log10Threshold: 0) == .contradicted }
        func isEcho(_ evidence: MicrophoneEvidence) -> Bool {
            switch evidence {
            case .own, .other, .undecided: true
            case .absent, .open: false
            }
        }
        // What is known to be an echo or a copy is nothing to compare with.
        let rest = sources.indices.filter { !isEcho(evidence[$0]) && !isDetached[$0] }
        let levels = judgementsByLevel(rest.map { sources[$0] }, limits: limits)
        return sources.indices.map { index in
            if isDetached[index] { return .detached }
            return switch evidence[index] {
            case .own: .ownMicrophone
            case .other(let candidate): .otherMicrophone(candidate)
            case .undecided(let candidate): .undecided(candidate)
            case .absent: .recorded
            case .open: zip(rest, levels).first { $0.0 == index }?.1 ?? .weakAlone
            }
        }
    }

    /// The same by level alone.
    private static func judgementsByLevel(_ sources: [Detection.Source], limits: EchoLimits) -> [Judgement] {
        guard let strongest = sources.max(by: { $0.level.decibels < $1.level.decibels }) else { return [] }
        let isComparable = sources.map { $0.level.leastDecibels >= strongest.level.decibels + limits.ceiling }
        let comparable = zip(sources, isComparable).filter(\.1).map(\.0)
        guard exceedsEchoes(comparable, limits) else { return sources.map { _ in .weakAlone } }
        return zip(sources, isComparable).map { source, isComparable in
            isComparable || comparable.contains { playTogether(source, $0) } ? .recorded : .weakBeside
        }
    }

    /// Whether sources of about equal strength, the strongest of the file, leave more than echoes would.
    private static func exceedsEchoes(_ sources: [Detection.Source], _ limits: EchoLimits) -> Bool {
        if sources.contains(where: { $0.level.leastDecibels >= limits.ceiling }) { return true }
        let sum = sources.reduce(0) { $0 + pow(10, $1.level.decibels / 20) }
        return sources.count > 1 && sum >= limits.leastSum
    }

    /// Whether two sources show the same meeting time for most of the time that the first is heard.
    static func playTogether(_ source: Detection.Source, _ other: Detection.Source) -> Bool {
        var heard = 0.0
        var together = 0.0
        for span in source.spans {
            heard += span.recording.upperBound - span.recording.lowerBound
            for theirs in other.spans where span.recording.overlaps(theirs.recording) {
                let common = span.recording.clamped(to: theirs.recording)
                let lag = time(span, source, common.lowerBound) - time(theirs, other, common.lowerBound)
                if abs(lag) <= sameTime { together += common.upperBound - common.lowerBound }
            }
        }
        return heard > 0 && together > heard / 2
    }

    private static func time(_ span: Detection.Span, _ source: Detection.Source, _ second: Double) -> Double {
        span.meetingStart + (second - span.recording.lowerBound) * source.rate
    }
}

/// What echoes of a profile's marks look like at most.
public struct EchoLimits: Sendable, Equatable {
    /// Highest level of an echo, decibels: relative to a fresh mark, and to the strongest source of the file.
    public let ceiling: Double
    /// Amplitudes of all sources that are as strong as the strongest, added up: an average of copies comes to one, and
    /// one to three echoes at the ceiling's measured level to less than this.
    public let leastSum: Double

    /// Both limits.
    public init(ceiling: Double, leastSum: Double) {
        self.ceiling = ceiling
        self.leastSum = leastSum
    }
}

extension MarkProfile {
    /// What echoes of these marks look like at most.
    public var echo: EchoLimits {
        switch self {
        // An echo path loses at least 10 dB. With levels of speech that spread by 10 dB from cell to cell, what such an
        // echo adds makes 0.21 of the level changes of its mark, -13.4 dB; measured: -14.5 to -19 dB.
        case .contentBound: EchoLimits(ceiling: -13.4, leastSum: 0.5)
        }
    }
}
