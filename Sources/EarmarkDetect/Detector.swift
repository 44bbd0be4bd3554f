internal import CMath
public import EarmarkDSP
public import EarmarkMark

/// Finds a meeting's mark in recordings and names the clients that left it.
///
///     let detector = Detector(
///         shared: shared, candidates: seeds, log10Threshold: -9, transforms: FFTWProvider())
///     var run = detector.begin(SearchBudget(channels: 1))
///     try run.add(channel: samples)  // mono, 16 kHz
///     let detection = run.finish()
///
/// Everything up to the alignment (offsets, drift, weights, periods) sees only the seeds that all clients share.
/// Identity signs enter in `IdentityScorer` alone, and in `IdentitySearch`, whose every place is paid for;
/// docs/statistics.md rests on that. A value is immutable; use it from any thread.
public struct Detector: Sendable {
    /// Corrected bound, log10, that a source must meet.
    public let log10Threshold: Double
    /// Length of the meeting as planned, seconds; nil if nothing is known.
    public let expectedSeconds: Double?
    /// Number of candidates.
    public var candidateCount: Int { scorer.candidateCount }

    private let plan: CellPlan
    private let timeline: TimelineSearch
    private let scorer: IdentityScorer
    private let tags: [MicrophoneTag?]
    private let transforms: any TransformProvider

    /// Prepares a meeting's detector.
    ///
    /// - Parameters:
    ///   - shared: the meeting's shared seeds.
    ///   - candidates: identity seeds of everyone who may be named.
    ///   - log10Threshold: corrected bound that an accusation must meet, e.g. -9.
    ///   - tags: microphone tags of the candidates, in their order; nil for one whose microphone sends no tag. None by
    ///     default.
    ///   - expectedSeconds: length of the meeting as planned, from its origin; recordings of other times are found,
    ///     too, if their evidence is better. nil if nothing is known.
    ///   - transforms: provider of Fourier transforms.
    public init(
        shared: SharedSeeds, candidates: [Seed], tags: [MicrophoneTag?] = [], log10Threshold: Double,
        expectedSeconds: Double? = nil, transforms: any TransformProvider
    ) {
        plan = CellPlan(pilotSeed: shared.pilot)
        timeline = TimelineSearch(
            plan: plan, seed: shared.timeline, periods: MeetingSchedule.searched,
            expected: MeetingSchedule(expectedSeconds: expectedSeconds).expected)
        scorer = IdentityScorer(plan: plan, seeds: candidates)
        self.tags = tags
        self.log10Threshold = log10Threshold
        self.expectedSeconds = expectedSeconds
        self.transforms = transforms
    }

    /// The same meeting's detector for other candidates.
    package func with(candidates: [Seed], tags: [MicrophoneTag?]) -> Detector {
        Detector(self, scorer: IdentityScorer(plan: plan, seeds: candidates), tags: tags)
    }

    private init(_ other: Detector, scorer: IdentityScorer, tags: [MicrophoneTag?]) {
        plan = other.plan
        timeline = other.timeline
        self.scorer = scorer
        self.tags = tags
        log10Threshold = other.log10Threshold
        expectedSeconds = other.expectedSeconds
        transforms = other.transforms
    }

    /// A run of the detector over the channels of one recording, which tests what is in `budget` and nothing else.
    ///
    /// All of it is paid for in advance, so that it does not matter why some of it is not tried. A budget that tries
    /// every frame of the schedule must know the detector's `expectedSeconds`.
    public func begin(_ budget: SearchBudget) -> DetectionRun {
        DetectionRun(
            plan: plan, scorer: scorer, tags: tags, log10Threshold: log10Threshold, transforms: transforms,
            timeline: timeline, budget: budget)
    }
}
