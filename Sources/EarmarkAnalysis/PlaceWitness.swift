internal import CMath
internal import EarmarkAnswer
internal import EarmarkDetect
internal import EarmarkMark

/// Notes where each client who is named has its evidence, so that it can be computed again from the audio.
///
/// Looks at nobody else. A client who is named without the pilot, at a further time or at a placement has no note.
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

    /// Adds a channel (nil for the mean of all), or a change of it that was undone, to a run, and notes who was named
    /// there; nobody where the change drifts, which a note cannot say.
    mutating func add(
        _ features: FeatureMatrix, channel: Int? = nil, warp: Warp? = nil, drifts: Bool = false,
        to run: inout DetectionRun
    ) throws(SearchBudget.Overrun) {
        let located = run.locate(features)
        try run.add(features, located: located, warp: warp)
        for source in news(of: run.finish()) {
            places[source] =
                drifts
                ? nil
                : best(source, run.finish(), features, located.alignments, channel: channel, warp: warp ?? .none)
        }
    }

    /// The same without what a reference foretells: who is named there has no note.
    mutating func addWithoutHost(_ features: FeatureMatrix, to run: inout DetectionRun) throws(SearchBudget.Overrun) {
        try run.add(features)
        for source in news(of: run.finish()) { places[source] = nil }
    }

    /// The same without the pilot: who is named there has no note.
    mutating func addWithoutPilot(_ features: FeatureMatrix, to run: inout DetectionRun) throws(SearchBudget.Overrun) {
        try run.addWithoutPilot(features)
        for source in news(of: run.finish()) { places[source] = nil }
    }

    /// Whom a run named, or on better evidence, since the last call.
    private mutating func news(of detection: Detection) -> [Int] {
        let found = detection.sources.filter { seen[$0.candidate] != [$0.log10FalseAccusation, $0.z] }
        for source in found { seen[source.candidate] = [source.log10FalseAccusation, source.z] }
        return found.map(\.candidate)
    }

    /// The alignment on which a candidate's own evidence has the smallest bound, as the first round of naming tests it;
    /// nil where it meets the threshold on none: at further times, or only once others are taken out.
    private func best(
        _ candidate: Int, _ detection: Detection, _ features: FeatureMatrix, _ alignments: [Alignment], channel: Int?,
        warp: Warp
    ) -> SourcePlace? {
        let scorer = IdentityScorer(plan: plan, seeds: [seeds[candidate]])
        let price = EvidencePrice(detection)
        var best: SourcePlace?
        for (place, alignment) in alignments.enumerated() {
            let z = scorer.score(alignment, features).z(0)
            let bound = price.log10Bound(z: z, place: place)
            if bound > log10Threshold { continue }
            if let best, (best.log10Bound, -best.z) <= (bound, -z) { continue }
            best = SourcePlace(
                track: features.track, channel: channel, pitch: warp.pitch, rate: warp.rate, place: place,
                places: detection.hypothesesPerChannel, pieces: alignment.placed.map(\.stored),
                weights: alignment.dipoleWeights, z: z, log10Bound: bound)
        }
        return best
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

/// What a score on an alignment pays for (docs/statistics.md, section 4), in the first round of naming.
struct EvidencePrice {
    /// Clients that may be named.
    var candidates: Int
    /// Alignments of all channels and warps.
    var hypotheses: Int
    /// Alignments of each.
    var places: Int
    /// Further times.
    var times: Int
    /// Placements.
    var placements: Int

    /// No smaller bound is claimed: the chance of guessing a seed.
    private static let log10Least = -77.0

    /// The bound on a score of `z` at a place in the order; 0 for one that is not paid for.
    func log10Bound(z: Double, place: Int) -> Double {
        guard (0..<places).contains(place) else { return 0 }
        let shares = 1 + (times > 0 ? 1 : 0) + (placements > 0 ? 1 : 0)
        let channels = max(1, hypotheses / max(1, places))
        let harmonic = (1...places).reduce(0) { $0 + 1 / Double($1) }
        let tests = Double(shares) * Double(max(1, candidates)) * Double(channels) * Double(place + 1) * harmonic
        return min(0, max(Self.log10Least, RademacherBound.log10Tail(z) + log10(tests) + log10(2)))
    }
}

extension EvidencePrice {
    /// What a run pays for.
    init(_ detection: Detection) {
        self.init(
            candidates: detection.candidates, hypotheses: detection.hypotheses,
            places: detection.hypothesesPerChannel, times: detection.times, placements: detection.placements)
    }
}
