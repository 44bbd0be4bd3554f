internal import CMath

/// What a detector found in one recording.
public struct Detection: Sendable, Equatable {
    /// A client whose mark is in the recording.
    public struct Source: Sendable, Equatable {
        /// Index into the detector's candidates.
        public var candidate: Int
        /// The test statistic, standard deviations.
        public var z: Double
        /// log10 of the proven bound on the chance that anybody innocent is named, everything tried paid for.
        public var log10FalseAccusation: Double
        /// Strength of the source's mark relative to that of the pilot in the same stretches, decibels; 0 is nominal,
        /// nil if the pilot is not heard there.
        public var strength: Double?
        /// Level of the source's mark relative to a fresh one of standard strength in audio of this quality, where the
        /// source was heard.
        public var level = Level(decibels: -.infinity, leastDecibels: -.infinity)
        /// Factor by which the recording's pitch was raised, 1 if it was not.
        public var pitch: Double
        /// Factor by which the recording plays faster than the meeting, 1 if it does not.
        public var rate: Double
        /// Where the source was heard, in order.
        public var spans: [Span]
        /// The track of the file in which it was heard with most evidence, as its features are numbered.
        public var track = 0
        /// The evidence step by step, in about four seconds each, stretches without the mark included.
        public var steps: [Step] = []
        /// The client's own microphone tag in the stretches in which its mark was heard; nil if the client has none.
        public var tag: Tag?
        /// Other clients' tags there that meet the threshold, strongest first: those beside the mark, or those far from
        /// it.
        public var otherTags: [OtherTag] = []
        /// Whether the mark was put on the audio that it was found in; nil in what was made by hand.
        public var content: Content?
    }

    /// A tag of another client than the one whose playout mark it stands beside.
    public struct OtherTag: Sendable, Equatable {
        /// Index into the detector's candidates.
        public var candidate: Int
        /// What was found.
        public var tag: Tag
    }

    /// The best evidence for a microphone tag beside a playout mark.
    public struct Tag: Sendable, Equatable {
        /// The test statistic at the best delay, standard deviations.
        public var z: Double
        /// log10 of the proven bound on such evidence by chance, every delay and client that was tried paid for.
        public var log10Chance: Double
        /// log10 of what was paid for in that.
        public var log10Tests: Double
        /// How much later than the playout mark the tag is by the clocks of their clients, seconds.
        public var delay: Double
        /// Evidence for the playout mark in the same stretches, standard deviations.
        public var playoutZ: Double
        /// log10 of the proven bound on evidence for a tag whose delay changes now and then by chance; of a client's
        /// own tag alone.
        public var log10MovingChance = 0.0
        /// log10 of how much likelier what was seen is with such a tag of `leastShare` than without one.
        public var log10MovingRatio = 0.0

        /// Share of the playout mark's evidence that the tag beside an echo has at least: 0.28 to 0.71 were measured
        /// over rooms and losses of 10 to 30 dB (docs/measurements/2026-11-29-microphone-tags.md).
        public static let leastShare = 0.2
        /// log10 of the chance at which a tag is heard however strong the mark beside it is.
        private static let log10Certain = -6.0
        /// Least delay of a tag behind the playout mark that it comes with, seconds, clocks being right to that; a
        /// talker is earlier by coding and network, 0.1 s and more.
        public static let leastDelay = -0.03

        /// Whether it is a client's own beside its playout mark, whatever is said of that client.
        public var isCertain: Bool {
            log10Chance <= Self.log10Certain && delay >= Self.leastDelay || log10MovingChance <= Self.log10Certain
        }
    }

    /// A level with its statistical uncertainty.
    public struct Level: Sendable, Equatable {
        /// Estimate, decibels; -infinity if nothing can be said.
        public var decibels: Double
        /// The estimate less a standard error, decibels; -infinity if that is not positive.
        public var leastDecibels: Double

        /// Both numbers.
        public init(decibels: Double, leastDecibels: Double) {
            self.decibels = decibels
            self.leastDecibels = leastDecibels
        }
    }

    /// Evidence for a source in one step of the recording: `sum` over the root of `energy` has unit variance by chance.
    public struct Step: Sendable, Equatable {
        /// Seconds from the start of the recording.
        public var recording: Range<Double>
        /// Weighted agreement with the source's signs.
        public var sum: Double
        /// Sum of the squares of what was weighed.
        public var energy: Double
    }

    /// A stretch of the recording that carries a source's mark.
    public struct Span: Sendable, Equatable {
        /// Seconds from the start of the recording.
        public var recording: Range<Double>
        /// Seconds from the start of the meeting at which the client played the first moment of the stretch.
        public var meetingStart: Double
        /// Standard uncertainty of `meetingStart`, seconds.
        public var uncertainty: Double
        /// Evidence within the stretch, standard deviations.
        public var z: Double
        /// Seconds of audio in the stretch, where `recording` is not as long; nil where it is.
        public var audioSeconds: Double?
        /// Whether a player leaves the stretch out.
        public var isSkipped = false

        /// Seconds of audio in the stretch.
        public var seconds: Double { audioSeconds ?? recording.upperBound - recording.lowerBound }
    }

    /// A client whose voice is in the recording, by its microphone's tag.
    public struct Talker: Sendable, Equatable {
        /// Index into the detector's candidates.
        public var candidate: Int
        /// The evidence.
        public var tag: Tag
        /// Where it was heard, in order; meeting times by the talker's clock.
        public var spans: [Span]
        /// Track of the recording, from 0.
        public var track = 0
    }

    /// Who was heard talking, strongest evidence first; empty unless that was asked for.
    public var talkers: [Talker] = []
    /// Sources that meet the threshold, strongest evidence first.
    public var sources: [Source]
    /// What chance makes of the stretches that first named somebody; nil if nobody is named or no decoys were drawn.
    ///
    /// Of candidates who are not named nothing is told at all: an analyst who sees their scores could choose the next
    /// recording by them, and the bound would not cover that (docs/statistics.md, section 11).
    public var decoys: DecoyScores?
    /// log10 of the bound on the chance that audio without this meeting's mark looks like this to the timeline test.
    public var log10Presence: Double
    /// Pilot evidence of the best track, standard deviations (its maximum over offsets not paid for).
    public var pilotScore: Double
    /// Level of the pilot relative to a fresh mark at standard strength, decibels; nil if there is none to speak of.
    public var pilotLevel: Double?
    /// What a lone mark of standard strength would have reached in this audio.
    public var expectation: MarkExpectation
    /// Hypotheses paid for: alignments that identities may be scored on.
    public var hypotheses: Int
    /// How many of them each channel and warp has, in the order in which they share the threshold.
    public var hypothesesPerChannel = 1
    /// Further meeting times paid for beside them, where alignments show nobody.
    public var times = 0
    /// Placements paid for beside them: frames of the meeting at which every candidate may be tried, where alignments
    /// show nobody; 0 if that was not asked for.
    public var placements = 0
    /// Shares of the threshold that another part of the same analysis spends.
    public var otherShares = 0
    /// Candidates paid for.
    public var candidates: Int
    /// Meetings paid for: more than one if the meeting had to be found.
    public var meetings = 1

    /// Bundles the parts.
    public init(
        sources: [Source], log10Presence: Double, pilotScore: Double, pilotLevel: Double?,
        expectation: MarkExpectation, hypotheses: Int, candidates: Int, meetings: Int = 1
    ) {
        self.sources = sources
        self.log10Presence = log10Presence
        self.pilotScore = pilotScore
        self.pilotLevel = pilotLevel
        self.expectation = expectation
        self.hypotheses = hypotheses
        self.candidates = candidates
        self.meetings = meetings
    }

    /// An answer that has found nothing yet; `candidates` were given to the detector, and the scope may pay for more.
    init(paidBy budget: SearchBudget, candidates: Int) {
        self.init(
            sources: [], log10Presence: 0, pilotScore: 0, pilotLevel: nil, expectation: .none,
            hypotheses: budget.hypotheses, candidates: max(candidates, budget.scope?.candidates ?? 0),
            meetings: budget.meetings)
        hypothesesPerChannel = budget.breadth.alignments
        otherShares = budget.otherShares
        times = budget.times
        placements = budget.placements
    }

    /// log10 of the tests that a source on the likeliest alignment of a channel pays for, its round of naming not
    /// counted.
    ///
    /// Alignments, further times and placements have equal shares of the threshold, those that may be tried. Within its
    /// share an alignment or a time pays by its place in the order (`OrderedShares`).
    public var log10Tests: Double { log10Tests(alignment: 0) }

    /// The same for the last alignment, which pays most.
    public var log10MostTests: Double { log10Tests(alignment: hypothesesPerChannel - 1) }

    /// The same for the alignment at a place in a channel's order, from 0.
    func log10Tests(alignment place: Int) -> Double {
        log10Paid(Double(channels)) + OrderedShares.log10Price(position: place, of: hypothesesPerChannel)
    }

    /// The same for a source at a further time.
    func log10Tests(time place: Int) -> Double {
        log10Paid(Double(channels)) + OrderedShares.log10Price(position: place, of: times / max(1, channels))
    }

    /// The same for a source at a placement; all are alike.
    var log10PlacementTests: Double { log10Paid(Double(placements)) }

    /// All shares of the threshold, those of other parts of the analysis included.
    public var shares: Int { otherShares + 1 + (times > 0 ? 1 : 0) + (placements > 0 ? 1 : 0) }

    /// Parts of the analysis in which the meeting's mark, tags or content may be found.
    var parts: Int { otherShares > 0 ? 2 : 1 }

    /// Channels, sums of channels and warps.
    private var channels: Int { hypotheses / max(1, hypothesesPerChannel) }

    private func log10Paid(_ tests: Double) -> Double {
        log10(Double(shares) * Double(max(1, candidates)) * max(1, tests))
    }
}
