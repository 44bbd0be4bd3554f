internal import CMath
import EarmarkDSP
package import EarmarkMark

/// Collects evidence channel by channel, as far as its budget goes.
///
/// `Detector.begin` makes one, `add(channel:)` searches a channel and keeps nothing of its samples, `finish` tells what
/// was found so far. Not for use from several threads at a time; channels of one recording go into one run, one after
/// another. Cannot be copied: a copy would spend the budget a second time.
public struct DetectionRun: ~Copyable {
    /// Whose marks are looked for.
    private let profile = MarkProfile.inForce
    let plan: CellPlan
    private let scorer: IdentityScorer
    private let tags: [MicrophoneTag?]
    private let log10Threshold: Double
    let transforms: any TransformProvider
    let locator: Locator
    private let everyFrame: IdentitySearch?
    private var ledger: BudgetLedger
    /// Whether to look for tags of all who talked where a source was heard.
    package var findsTalkers = false
    private var result: Detection
    private var bestZ: [Double]
    /// What decoys are drawn from where somebody is named; nil draws none.
    package var decoySeed: Seed?

    init(
        plan: CellPlan, scorer: IdentityScorer, tags: [MicrophoneTag?], log10Threshold: Double,
        transforms: any TransformProvider, timeline: TimelineSearch, budget: SearchBudget
    ) {
        self.plan = plan
        self.scorer = scorer
        self.tags = tags
        self.log10Threshold = log10Threshold
        self.transforms = transforms
        let timeline = timeline.stating(budget.window)
        locator = Locator(
            plan: plan, timeline: timeline, transforms: transforms, breadth: budget.breadth,
            knowsMeeting: budget.meetings == 1)
        everyFrame =
            budget.placementsPerChannel > 0
            ? IdentitySearch(plan: plan, seeds: scorer.seeds, frames: timeline.frames, transforms: transforms)
            : nil
        ledger = BudgetLedger(budget)
        result = Detection(paidBy: budget, candidates: scorer.candidateCount)
        bestZ = .init(repeating: -.infinity, count: scorer.candidateCount)
    }

    /// z of every candidate on its best alignment, -infinity for one that was not scored; for tests and measurements,
    /// and for no answer.
    ///
    /// Further times and placements count only for who is named there.
    package var scores: [Double] { bestZ }

    /// Whether nobody has been named with evidence to spare: a recording played a little fast may just pass at nominal
    /// speed, in shreds.
    public var isWeak: Bool { result.sources.allSatisfy { $0.z < DetectionRun.plentyZ } }

    /// No smaller bound is claimed: the proof rests on pseudo-random functions with 256-bit keys, and 2^-256 is the
    /// chance of guessing one.
    static let log10Least = -77.0

    /// Whether somebody was named, or the timeline evidence is such as a thousand meetings without the mark show once:
    /// worth a search for warps where the meeting itself had to be found.
    package var isHeard: Bool { !result.sources.isEmpty || result.log10Presence <= -3 }

    /// Whether every frame of the meeting's schedule may be tried.
    var paysForPlacements: Bool { everyFrame != nil }

    /// Twice what is needed to name one of a thousand.
    private static let plentyZ = 15.0
    /// z in the first round below which a candidate is not tested for a second source: one innocent in fifty passes.
    private static let laterRoundLeast = 2.0
    /// Sources that are named at most on one alignment.
    private static let sourceLimit = 16

    /// A search for the warps of a recording that shows nobody at nominal pitch and speed.
    package func wideSearch() -> WideSearch { WideSearch(plan: plan, transforms: transforms) }

    /// Follows a pitch that drifts around the one of a warp that was found.
    package func follower(_ warp: Warp) -> PitchFollower { PitchFollower(plan: plan, warp: warp) }

    /// Throws if the budget has no channel left.
    func requireChannel() throws(SearchBudget.Overrun) { try ledger.requireChannel() }

    /// Changes of speed, tempo or pitch that a channel may take where all share alike, as far as they last.
    var warpsPerChannel: Int {
        let budget = ledger.budget
        return min(ledger.warpsLeft, (budget.warps + budget.channels - 1) / budget.channels)
    }

    /// Searches one channel's features, or with `warp`, which was undone to get them, one of its changes.
    ///
    /// A warp that changes nothing is one, too: the search for them may well come back to nominal speed.
    ///
    /// Throws, having tested nothing, if the budget has no channel or warp left.
    package mutating func add(_ features: FeatureMatrix, warp: Warp? = nil) throws(SearchBudget.Overrun) {
        try add(features, located: locate(features), warp: warp)
    }

    /// Alignments of one channel's features, which see no candidate.
    package func locate(_ features: FeatureMatrix) -> Located { locator.locate(features) }

    /// Identifies on alignments that were found before, in these features.
    ///
    /// Throws, having tested nothing, if the budget has no channel or warp left, or not as many alignments or times.
    package mutating func add(
        _ features: FeatureMatrix, located: Located, warp: Warp? = nil
    ) throws(SearchBudget.Overrun) {
        try ledger.take(located, isWarp: warp != nil)
        let warp = warp ?? .none
        if warp == .none { result.expectation.take(MarkLevel.expectation(features, profile)) }
        for (place, found) in located.alignments.enumerated() {
            var alignment = found
            alignment.warp = warp
            if alignment.pilotScore > result.pilotScore {
                result.pilotScore = alignment.pilotScore
                result.pilotLevel = MarkLevel.pilotLevel(alignment, features, profile)
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

    /// Searches one channel's features without the pilot, for a recording from which somebody removed it, and where
    /// that shows nobody without the timeline.
    ///
    /// Tests nothing if the budget does not include it, or if there is no need. Throws, having tested nothing, if as
    /// many channels as are paid for were searched so.
    package mutating func addWithoutPilot(_ features: FeatureMatrix) throws(SearchBudget.Overrun) {
        try addWithoutPilot(features, alignments: isWeak ? locator.locateWithoutPilot(features) : [])
    }

    /// The same on alignments that were found before, in these features.
    mutating func addWithoutPilot(
        _ features: FeatureMatrix, alignments: [Alignment]
    ) throws(SearchBudget.Overrun) {
        try ledger.takeWithoutPilot(alignments: alignments.count, placements: everyFrame?.placementCount ?? 0)
        guard isWeak else { return }
        for (place, alignment) in alignments.enumerated() {
            identify(
                alignment, features, log10Tests: result.log10Tests(alignment: locator.firstWithoutPilot + place))
        }
        // Whatever else is heard: a ticket holder can plant pilot and timeline at a wrong time.
        guard let everyFrame, result.sources.isEmpty else { return }
        for (candidate, alignment) in everyFrame.alignments(features) {
            identify(
                alignment, features, log10Tests: result.log10PlacementTests, isOneOfMany: true, only: candidate)
        }
    }

    /// The answer so far.
    public func finish() -> Detection {
        var answer = result
        answer.sources.sort { ($1.z, $0.candidate) < ($0.z, $1.candidate) }
        // Presence is a hypothesis per alignment and meeting, too.
        let tests = Double(answer.hypotheses) * Double(answer.meetings) * Double(answer.parts)
        answer.log10Presence = min(0, max(DetectionRun.log10Least, answer.log10Presence + log10(tests)))
        return answer
    }

    /// Names sources one after another; each named source's expected part is subtracted before the next test.
    ///
    /// `chooser`: whose signs chose the alignment, if anybody's did; nobody else is tested there.
    ///
    /// `log10Tests` is what they pay for; `isOneOfMany` leaves the scores of all who are not named out of the answer:
    /// the best of hundreds of times or placements says nothing of a candidate.
    private mutating func identify(
        _ alignment: Alignment, _ features: FeatureMatrix, log10Tests: Double, isOneOfMany: Bool = false,
        only chooser: Int? = nil
    ) {
        var removals: [IdentityScorer.Removal] = []
        var chosen = chooser.map { [$0] } ?? scorer.shortList(alignment, features)
        for round in 1...DetectionRun.sourceLimit {
            // Round r costs 2^r: the weights 1/2 + 1/4 + ... of all rounds sum to one.
            let paid = log10Tests + Double(round) * log10(2)
            let scores = scorer.score(alignment, features, chosen: chosen, removing: removals)
            guard scores.energy > 0 else { return }
            let removed = Set(removals.map(\.candidate))
            var strongest: Int?
            for candidate in scores.sums.indices where scores.sums[candidate].isFinite && !removed.contains(candidate) {
                let z = scores.z(candidate)
                if !isOneOfMany { bestZ[candidate] = max(bestZ[candidate], z) }
                if strongest.map({ z > scores.z($0) }) ?? true { strongest = candidate }
            }
            if round == 1 { chosen = scores.candidates(atLeast: DetectionRun.laterRoundLeast) }
            guard let strongest else { return }
            let bound = corrected(scores.z(strongest), paid: paid)
            guard bound <= log10Threshold else { return }
            bestZ[strongest] = max(bestZ[strongest], scores.z(strongest))
            removals.append(.init(strongest, scores))
            let map = TimeMap(alignment, features, plan: plan, profile: profile).trace(scorer.signs(of: strongest))
            var source = Detection.Source(
                candidate: strongest, z: scores.z(strongest), log10FalseAccusation: bound, strength: map.strength,
                level: map.level, pitch: alignment.warp.pitch, rate: alignment.warp.rate, spans: map.spans,
                track: features.track, steps: map.steps)
            guard isBetter(source) else { continue }
            source.content = IntegrityTrack(plan, alignment, features, signs: scorer.signs(of: strongest))
                .content(heard: map.heard, evenness: map.evenness)
            source.content?.pay(looks: result.parts)
            let search = TagSearch(plan, alignment, heard: map.heard, features: features)
            addTags(&source, search)
            if result.decoys == nil { result.decoys = decoySeed.flatMap { search.decoys(from: $0) } }
            record(source)
        }
    }

    /// The proven bound after paying for candidates, hypotheses and rounds.
    private func corrected(_ z: Double, paid: Double) -> Double {
        min(0, max(DetectionRun.log10Least, RademacherBound.log10Tail(z) + paid))
    }

    /// Whether a source has a smaller bound than it had on what was tried before, which pays different prices; then
    /// stronger evidence.
    private func isBetter(_ source: Detection.Source) -> Bool {
        guard let known = result.sources.first(where: { $0.candidate == source.candidate }) else { return true }
        return (source.log10FalseAccusation, -source.z) < (known.log10FalseAccusation, -known.z)
    }

    /// Keeps a source instead of what was known of it.
    private mutating func record(_ source: Detection.Source) {
        result.sources.removeAll { $0.candidate == source.candidate }
        result.sources.append(source)
    }

    /// Looks for the source's own tag, and for those of all others, of which only those that meet the threshold are
    /// kept: nothing may depend on signs of clients who are not named.
    private mutating func addTags(_ source: inout Detection.Source, _ search: TagSearch) {
        guard tags.indices.contains(source.candidate) else { return }
        if let tag = tags[source.candidate] {
            source.tag = search.own(tag: tag, playout: scorer.seeds[source.candidate])
        }
        if findsTalkers { addTalkers(besides: source.candidate, search) }
        let others = tags.indices.filter { $0 != source.candidate && tags[$0] != nil }
        let paid = paidTags(others.count)
        source.otherTags = search.others(
            tags: others.compactMap { tags[$0] }, playout: scorer.seeds[source.candidate], paid: paid,
            log10Threshold: log10Threshold
        ).map { .init(candidate: others[$0.index], tag: $0.tag) }
    }

    /// Tests that a tag of one of `others` pays for beside those at several delays: every client, on whatever may have
    /// named a source, in each of its rounds.
    private func paidTags(_ others: Int) -> Int {
        let places = result.hypotheses + result.times + result.placements
        return max(others, result.candidates) * max(1, places) * DetectionRun.sourceLimit * result.parts
    }

    /// Keeps the best evidence for each who talked.
    private mutating func addTalkers(besides candidate: Int, _ search: TagSearch) {
        let others = tags.indices.filter { $0 != candidate && tags[$0] != nil }
        let found = search.talkers(
            tags: others.compactMap { tags[$0] }, paid: paidTags(others.count),
            log10Threshold: log10Threshold, profile: profile)
        for talker in found {
            let known = result.talkers.firstIndex { $0.candidate == others[talker.index] }
            if let known {
                guard result.talkers[known].tag.z < talker.tag.z else { continue }
                result.talkers.remove(at: known)
            }
            result.talkers.append(
                .init(
                    candidate: others[talker.index], tag: talker.tag, spans: talker.spans,
                    track: search.features.track))
        }
        result.talkers.sort { ($1.tag.z, $0.candidate) < ($0.tag.z, $1.candidate) }
    }
}
