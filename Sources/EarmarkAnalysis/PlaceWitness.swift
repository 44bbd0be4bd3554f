internal import EarmarkAnswer
internal import EarmarkDetect
internal import EarmarkMark

/// Notes where each client who is named has its evidence, so that it can be computed again from the audio.
///
/// Looks at nobody else. A client who is named by the help of a reference alone has no note.
struct PlaceWitness {
    private let plan: CellPlan
    private let seeds: [Seed]
    private let log10Threshold: Double
    private var seen: [Int: [Double]] = [:]
    /// The notes by candidate.
    private(set) var places: [Int: SourcePlace] = [:]

    /// Prepares notes on one meeting's candidates.
    init(shared: SharedSeeds, candidates: [Seed], log10Threshold: Double) {
        plan = CellPlan(pilotSeed: shared.pilot)
        seeds = candidates
        self.log10Threshold = log10Threshold
    }

    /// What evidence is looked for in.
    private struct Part {
        let features: FeatureMatrix
        let channel: Int?
        let warp: Warp
    }

    /// Adds a channel (nil for the mean of all), or a change of it that was undone, to a run, and notes who was named
    /// there; not where the change drifts, which no note can say.
    mutating func add(
        _ features: FeatureMatrix, channel: Int? = nil, warp: Warp? = nil, drifts: Bool = false,
        to run: inout DetectionRun
    ) throws(SearchBudget.Overrun) {
        let located = run.locate(features)
        try run.add(features, located: located, warp: warp)
        let part = Part(features: features, channel: channel, warp: warp ?? .none)
        let detection = run.finish()
        let named = news(of: detection)
        if drifts { return }
        note(named, detection, part, Trial.list(located.alignments, nil))
        let unknown = named.filter { places[$0] == nil }
        if !unknown.isEmpty { note(unknown, detection, part, Trial.list(run.times(located, features), .time)) }
    }

    /// The same without what a reference foretells: who is named there on better evidence keeps the note.
    mutating func addWithoutHost(_ features: FeatureMatrix, to run: inout DetectionRun) throws(SearchBudget.Overrun) {
        try run.add(features)
        _ = news(of: run.finish())
    }

    /// The same without the pilot, and without the timeline.
    mutating func addWithoutPilot(_ features: FeatureMatrix, to run: inout DetectionRun) throws(SearchBudget.Overrun) {
        try run.addWithoutPilot(features)
        let detection = run.finish()
        let named = news(of: detection)
        guard !named.isEmpty else { return }
        let part = Part(features: features, channel: nil, warp: .none)
        note(
            named, detection, part,
            Trial.list(run.alignmentsWithoutPilot(features), .withoutPilot, from: run.firstWithoutPilot))
        for candidate in named where places[candidate] == nil {
            let placements = run.placements(features, of: seeds[candidate]).map {
                Trial(alignment: $0, way: .placement, place: 0)
            }
            note([candidate], detection, part, placements)
        }
    }

    /// Whom a run named, or on better evidence, since the last call.
    private mutating func news(of detection: Detection) -> [Int] {
        let found = detection.sources.filter { seen[$0.candidate] != [$0.log10FalseAccusation, $0.z] }
        for source in found { seen[source.candidate] = [source.log10FalseAccusation, source.z] }
        return found.map(\.candidate)
    }

    /// Notes the place at which each of `named` has the smallest bound; one that is known stays where none is found.
    private mutating func note(_ named: [Int], _ detection: Detection, _ part: Part, _ trials: [Trial]) {
        let all = detection.sources.map(\.candidate)
        let price = EvidencePrice(detection)
        for candidate in named {
            let scorer = SourceScorer(plan: plan, price: price, log10Threshold: log10Threshold)
            // On its own evidence first: then nobody else's seed is needed to show it.
            let beside = all.filter { $0 != candidate }
            for others in beside.isEmpty ? [[]] : [[], beside] {
                var best: SourcePlace?
                for trial in trials where others.isEmpty || trial.way != .placement {
                    let found = scorer.score(
                        seeds[candidate], beside: others.map { seeds[$0] }, trial, part.features)
                    guard let found, found.log10Bound <= log10Threshold else { continue }
                    if let best, (best.log10Bound, -best.z) <= (found.log10Bound, -found.z) { continue }
                    best = place(trial, found, others, price, part)
                }
                guard let best else { continue }
                if places[candidate].map({ best.isBetter(than: $0) }) ?? true { places[candidate] = best }
                break
            }
        }
    }

    private func place(
        _ trial: Trial, _ found: SourceScorer.Found, _ others: [Int], _ price: EvidencePrice, _ part: Part
    ) -> SourcePlace {
        SourcePlace(
            track: part.features.track, channel: part.channel, pitch: part.warp.pitch, rate: part.warp.rate,
            way: trial.way, removed: found.removed.isEmpty ? nil : found.removed.map { others[$0] },
            place: trial.place, places: price.count(trial.way), pieces: trial.alignment.placed.map(\.stored),
            weights: trial.alignment.dipoleWeights, z: found.z, log10Bound: found.log10Bound)
    }
}

/// An alignment that identities are tested on.
struct Trial {
    let alignment: Alignment
    /// How it came to be tried.
    let way: SourcePlace.Way?
    /// Place in the order in which its like share the threshold.
    let place: Int

    /// A list of them, in order.
    static func list(_ alignments: [Alignment], _ way: SourcePlace.Way?, from first: Int = 0) -> [Trial] {
        alignments.enumerated().map { Trial(alignment: $1, way: way, place: first + $0) }
    }
}

/// Scores one client as the rounds of naming do, with nobody else's seeds than those of who is taken out before.
struct SourceScorer {
    /// A score, once it is the strongest.
    struct Found {
        /// Standard deviations.
        var z: Double
        /// log10 of the bound.
        var log10Bound: Double
        /// Who was taken out before, by place among the others, strongest first.
        var removed: [Int]
    }

    let plan: CellPlan
    let price: EvidencePrice
    let log10Threshold: Double

    /// The score of `seed` on an alignment; nil if who would have to be taken out first does not meet the threshold.
    ///
    /// - Parameter others: seeds of sources that may be taken out, as far as they are stronger; none leaves all in.
    func score(_ seed: Seed, beside others: [Seed], _ trial: Trial, _ features: FeatureMatrix) -> Found? {
        let scorer = IdentityScorer(plan: plan, seeds: [seed] + others)
        var removals: [IdentityScorer.Removal] = []
        for round in 1...others.count + 1 {
            let scores = scorer.score(trial.alignment, features, removing: removals)
            let left = (0...others.count).filter { index in !removals.contains { $0.candidate == index } }
            guard let strongest = left.max(by: { (scores.z($0), -$0) < (scores.z($1), -$1) }) else { return nil }
            let z = scores.z(strongest)
            let bound = price.log10Bound(z: z, place: trial.place, way: trial.way, round: round)
            if strongest == 0 { return Found(z: z, log10Bound: bound, removed: removals.map { $0.candidate - 1 }) }
            guard bound <= log10Threshold else { return nil }
            removals.append(.init(strongest, scores))
        }
        return nil
    }
}

extension SourcePlace {
    /// Whether it shows more than another one, or needs nobody else's seed where that does.
    fileprivate func isBetter(than other: SourcePlace) -> Bool {
        guard (removed == nil) == (other.removed == nil) else { return removed == nil }
        return (log10Bound, -z) < (other.log10Bound, -other.z)
    }
}

extension Alignment.Placed {
    /// As it is stored.
    var stored: SourcePlace.Piece {
        .init(
            from: piece.frames.lowerBound, to: piece.frames.upperBound, offset: piece.offset, slope: piece.slope,
            period: basePeriod)
    }
}
