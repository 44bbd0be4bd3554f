internal import CMath
public import EarmarkDSP
public import EarmarkMark

/// Finds a meeting's mark in recordings and names the clients that left it.
///
/// Everything up to the alignment (offsets, drift, weights, periods) sees only the seeds that all clients share.
/// Identity signs enter in `IdentityScorer` alone, and in `IdentitySearch`, whose every place is paid for; docs/statistics.md rests on
/// that. A value is immutable; use it from any thread.
public struct Detector: Sendable {
    /// Corrected bound, log10, that a source must meet.
    public let log10Threshold: Double
    /// Number of candidates.
    public var candidateCount: Int { scorer.candidateCount }

    private let plan: CellPlan
    private let timeline: TimelineSearch
    private let scorer: IdentityScorer
    private let transforms: any TransformProvider

    /// How many alignments are tried on every channel.
    public let breadth: SearchBreadth
    /// z in the first round below which a candidate is not tested for a second source: one innocent in fifty passes.
    static let laterRoundLeast = 2.0
    /// Sources that are named at most on one alignment.
    private static let sourceLimit = 16
    /// Periods searched: from 75 minutes before the meeting's origin, in case clocks were wrong, to 25.5 hours after.
    private static let searchedPeriods: Range<Int64> = -275..<5_600

    /// Prepares a meeting's detector.
    ///
    /// - Parameters:
    ///   - shared: the meeting's shared seeds.
    ///   - candidates: identity seeds of everyone who may be named.
    ///   - log10Threshold: corrected bound that an accusation must meet, e.g. -9.
    ///   - breadth: how many alignments are tried on every channel.
    ///   - expectedSeconds: length of the meeting as planned, from its origin; recordings of other times are found, too, if
    ///     their evidence is better. nil if nothing is known.
    ///   - transforms: provider of Fourier transforms.
    public init(
        shared: SharedSeeds, candidates: [Seed], log10Threshold: Double, breadth: SearchBreadth = .init(tracks: 2),
        expectedSeconds: Double? = nil, transforms: any TransformProvider
    ) {
        plan = CellPlan(pilotSeed: shared.pilot)
        timeline = TimelineSearch(
            plan: plan, seed: shared.timeline, periods: Detector.searchedPeriods,
            expected: expectedSeconds.map(Detector.expectedPeriods))
        scorer = IdentityScorer(plan: plan, seeds: candidates)
        self.log10Threshold = log10Threshold
        self.breadth = breadth
        self.transforms = transforms
    }

    /// Periods of a meeting that is planned for `seconds`: from a quarter of an hour before its start to half an hour past its end,
    /// as people come early and overrun.
    private static func expectedPeriods(seconds: Double) -> Range<Int64> {
        let early = 900.0
        let late = 1_800.0
        let length = seconds.isFinite ? min(max(seconds, 0), 86_400) : 86_400
        let first = Int64((-early / MarkLayout.periodSeconds).rounded(.down))
        let end = Int64(((length + late) / MarkLayout.periodSeconds).rounded(.up))
        return first..<max(first + 1, end)
    }

    /// The same meeting's detector for other candidates.
    package func with(candidates: [Seed]) -> Detector {
        Detector(self, scorer: IdentityScorer(plan: plan, seeds: candidates))
    }

    private init(_ other: Detector, scorer: IdentityScorer) {
        plan = other.plan
        timeline = other.timeline
        self.scorer = scorer
        log10Threshold = other.log10Threshold
        breadth = other.breadth
        transforms = other.transforms
    }

    /// A run of the detector over the channels of one recording.
    ///
    /// `channelCount` is the number of channels (and sums of channels) that `add` will be called for, all tracks of the
    /// file together, `warpCount` the number of warps that may be added if those show nobody: all hypotheses are paid
    /// for in advance, so that it does not matter why some are not tried. `scope` says among what the meeting was found, if
    /// it was not known beforehand.
    public func begin(channelCount: Int, warpCount: Int = 0, scope: SearchScope? = nil) -> DetectionRun {
        DetectionRun(
            plan: plan, scorer: scorer, log10Threshold: log10Threshold, transforms: transforms,
            timeline: timeline,
            channelCount: max(1, channelCount), warpCount: warpCount, breadth: breadth,
            sourceLimit: Detector.sourceLimit, scope: scope)
    }
}

/// What a search for the meeting pays for.
public struct SearchScope: Sendable, Equatable {
    /// Meetings that were compared with the recording.
    public var meetings: Int
    /// Candidates of all of them.
    public var candidates: Int

    /// Bundles the two numbers.
    public init(meetings: Int, candidates: Int) {
        self.meetings = meetings
        self.candidates = candidates
    }
}

/// Collects evidence channel by channel; features may be dropped after each.
public struct DetectionRun {
    let plan: CellPlan
    private let scorer: IdentityScorer
    private let log10Threshold: Double
    private let transforms: any TransformProvider
    private let sourceLimit: Int
    let locator: Locator
    private var everyFrame: IdentitySearch?
    private var result: Detection
    private var bestZ: [Double]
    /// Least bound of each candidate, log10; places differ in price, so it need not come with the highest z.
    private var bestBound: [Double]

    init(
        plan: CellPlan, scorer: IdentityScorer, log10Threshold: Double, transforms: any TransformProvider,
        timeline: TimelineSearch, channelCount: Int, warpCount: Int, breadth: SearchBreadth, sourceLimit: Int,
        scope: SearchScope?
    ) {
        self.plan = plan
        self.scorer = scorer
        self.log10Threshold = log10Threshold
        self.transforms = transforms
        self.sourceLimit = sourceLimit
        var breadth = breadth
        // Many of a thousand meetings that are compared show a line by chance.
        if let scope, scope.meetings > 1 { breadth.times = 0 }
        locator = Locator(plan: plan, timeline: timeline, transforms: transforms, breadth: breadth)
        result = Detection(
            sources: [], runnersUp: [], log10Presence: 0, pilotScore: 0, pilotLevel: nil, expectedZ: 0,
            hypotheses: (channelCount + warpCount) * breadth.alignments,
            candidates: max(scorer.candidateCount, scope?.candidates ?? 0),
            meetings: max(1, scope?.meetings ?? 1))
        result.hypothesesPerChannel = breadth.alignments
        result.times = (channelCount + warpCount) * breadth.times
        // A meeting that had to be found has its pilot in the recording.
        if breadth.triesEveryFrame, result.meetings == 1 {
            everyFrame = IdentitySearch(
                plan: plan, seeds: scorer.seeds, expected: timeline.expected, transforms: transforms)
            result.placements = channelCount * IdentitySearch.placements(in: timeline.expected)
        }
        bestZ = .init(repeating: -.infinity, count: scorer.candidateCount)
        bestBound = .init(repeating: 0, count: scorer.candidateCount)
    }

    /// Whether nobody has been named with evidence to spare: a recording played a little fast may just pass at nominal
    /// speed, in shreds.
    public var isWeak: Bool { result.sources.allSatisfy { $0.z < DetectionRun.plentyZ } }

    /// No smaller bound is claimed: the proof rests on pseudo-random functions with 256-bit keys, and 2^-256 is the chance
    /// of guessing one.
    static let log10Least = -77.0

    /// Whether somebody was named, or the timeline evidence is such as a thousand meetings without the mark show once: worth a
    /// search for warps where the meeting itself had to be found.
    package var isHeard: Bool { !result.sources.isEmpty || result.log10Presence <= -3 }

    /// Twice what is needed to name one of a thousand.
    private static let plentyZ = 15.0

    /// A search for the warps of a recording that shows nobody at nominal pitch and speed.
    package func wideSearch() -> WideSearch { WideSearch(plan: plan, transforms: transforms) }

    /// Searches one channel's features; `warp` is what was undone to get them.
    package mutating func add(_ features: FeatureMatrix, warp: Warp = .none) {
        add(features, located: locate(features), warp: warp)
    }

    /// Alignments of one channel's features, which see no candidate.
    package func locate(_ features: FeatureMatrix) -> Located { locator.locate(features) }

    /// Identifies on alignments that were found before, in these features.
    package mutating func add(_ features: FeatureMatrix, located: Located, warp: Warp = .none) {
        if warp == .none { result.expectedZ = max(result.expectedZ, MarkLevel.expectedZ(features)) }
        for (place, found) in located.alignments.enumerated() {
            var alignment = found
            alignment.warp = warp
            if alignment.pilotScore > result.pilotScore {
                result.pilotScore = alignment.pilotScore
                result.pilotLevel = MarkLevel.pilotLevel(alignment, features)
            }
            result.log10Presence = min(result.log10Presence, alignment.log10Presence)
            identify(alignment, features, log10Tests: result.log10Tests(alignment: place))
        }
        for (place, time) in located.furtherTimes.enumerated() {
            guard result.sources.isEmpty else { return }
            var alignment = locator.sharpened(time, features, isWeak: true)
            alignment.warp = warp
            identify(alignment, features, log10Tests: result.log10Tests(time: place), isOneOfMany: true)
        }
    }

    /// Searches one channel's features without the pilot, for a recording from which somebody removed it, and where that shows nobody
    /// without the timeline.
    ///
    /// Does nothing if the breadth of the search does not include it, or if there is no need.
    package mutating func addWithoutPilot(_ features: FeatureMatrix) {
        guard isWeak else { return }
        for (place, alignment) in locator.locateWithoutPilot(features).enumerated() {
            identify(
                alignment, features, log10Tests: result.log10Tests(alignment: locator.firstWithoutPilot + place))
        }
        // Whatever else is heard: a ticket holder can plant pilot and timeline at a wrong time.
        guard let everyFrame, result.sources.isEmpty else { return }
        for alignment in everyFrame.alignments(features) {
            identify(alignment, features, log10Tests: result.log10PlacementTests, isOneOfMany: true)
        }
    }

    /// The answer so far.
    public func finish() -> Detection {
        var answer = result
        answer.sources.sort { ($1.z, $0.candidate) < ($0.z, $1.candidate) }
        // Presence is a hypothesis per alignment and meeting, too.
        let tests = Double(answer.hypotheses) * Double(answer.meetings)
        answer.log10Presence = min(0, max(DetectionRun.log10Least, answer.log10Presence + log10(tests)))
        answer.scores = bestZ
        let named = Set(answer.sources.map(\.candidate))
        let order = bestZ.indices.filter { !named.contains($0) && bestZ[$0].isFinite }
            .sorted { (bestZ[$1], $0) < (bestZ[$0], $1) }
        answer.runnersUp = order.prefix(Detection.runnerUpCount).map {
            .init(candidate: $0, z: bestZ[$0], log10FalseAccusation: bestBound[$0])
        }
        return answer
    }

    /// Names sources one after another; each named source's expected part is subtracted before the next test.
    ///
    /// `log10Tests` is what they pay for; `isOneOfMany` leaves the scores of all who are not named out of the answer: the best of
    /// hundreds of times or placements says nothing of a candidate.
    private mutating func identify(
        _ alignment: Alignment, _ features: FeatureMatrix, log10Tests: Double, isOneOfMany: Bool = false
    ) {
        var removals: [IdentityScorer.Removal] = []
        var chosen = scorer.shortList(alignment, features)
        for round in 1...sourceLimit {
            // Round r costs 2^r: the weights 1/2 + 1/4 + ... of all rounds sum to one.
            let paid = log10Tests + Double(round) * log10(2)
            let scores = scorer.score(alignment, features, chosen: chosen, removing: removals)
            guard scores.energy > 0 else { return }
            let removed = Set(removals.map(\.candidate))
            var strongest: Int?
            for candidate in scores.sums.indices where scores.sums[candidate].isFinite && !removed.contains(candidate) {
                let z = scores.z(candidate)
                if !isOneOfMany {
                    bestZ[candidate] = max(bestZ[candidate], z)
                    // Less than that has no bound to speak of, and is most of what there is.
                    if z >= Detector.laterRoundLeast {
                        bestBound[candidate] = min(bestBound[candidate], corrected(z, paid: paid))
                    }
                }
                if strongest.map({ z > scores.z($0) }) ?? true { strongest = candidate }
            }
            if round == 1 { chosen = scores.candidates(atLeast: Detector.laterRoundLeast) }
            guard let strongest else { return }
            let bound = corrected(scores.z(strongest), paid: paid)
            guard bound <= log10Threshold else { return }
            bestZ[strongest] = max(bestZ[strongest], scores.z(strongest))
            let removal = IdentityScorer.Removal(
                candidate: strongest, mean: scores.sums[strongest] / max(scores.weight, 1e-30))
            removals.append(removal)
            let map = TimeMap(alignment, features, plan: plan).trace(scorer.signs(of: strongest))
            record(
                Detection.Source(
                    candidate: strongest, z: scores.z(strongest), log10FalseAccusation: bound,
                    strength: map.strength, level: map.level, pitch: alignment.warp.pitch, rate: alignment.warp.rate,
                    spans: map.spans,
                    steps: map.steps))
        }
    }

    /// The proven bound after paying for candidates, hypotheses and rounds.
    private func corrected(_ z: Double, paid: Double) -> Double {
        min(0, max(DetectionRun.log10Least, RademacherBound.log10Tail(z) + paid))
    }

    /// Keeps the least bound for each source over all that was tried, which pays different prices; then the strongest evidence.
    private mutating func record(_ source: Detection.Source) {
        guard let index = result.sources.firstIndex(where: { $0.candidate == source.candidate }) else {
            result.sources.append(source)
            return
        }
        let known = result.sources[index]
        if (source.log10FalseAccusation, -source.z) < (known.log10FalseAccusation, -known.z) {
            result.sources[index] = source
        }
    }
}
