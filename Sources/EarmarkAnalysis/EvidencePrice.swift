internal import CMath
internal import EarmarkAnswer
internal import EarmarkDetect

/// What a score on an alignment pays for (docs/statistics.md, section 4).
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
    /// Shares of the threshold that another part of the analysis spends.
    var otherShares = 0

    /// No smaller bound is claimed: the chance of guessing a seed.
    private static let log10Least = -77.0

    /// What a run pays for.
    init(_ detection: Detection) {
        candidates = detection.candidates
        hypotheses = detection.hypotheses
        places = detection.hypothesesPerChannel
        times = detection.times
        placements = detection.placements
        otherShares = detection.otherShares
    }

    private var channels: Int { max(1, hypotheses / max(1, places)) }

    /// How many places share the threshold in an order, for each channel.
    func count(_ way: SourcePlace.Way?) -> Int {
        switch way {
        case nil, .withoutPilot: places
        case .time: times / channels
        // All are alike.
        case .placement: 1
        }
    }

    /// The bound on a score of `z` at a place in the order, in a round of naming; 0 for one that is not paid for.
    func log10Bound(z: Double, place: Int, way: SourcePlace.Way? = nil, round: Int = 1) -> Double {
        let count = count(way)
        guard (0..<count).contains(place) else { return 0 }
        let shares = otherShares + 1 + (times > 0 ? 1 : 0) + (placements > 0 ? 1 : 0)
        let harmonic = (1...count).reduce(0) { $0 + 1 / Double($1) }
        let members = way == .placement ? Double(max(1, placements)) : Double(channels) * Double(place + 1) * harmonic
        let tests = Double(shares) * Double(max(1, candidates)) * members
        return min(0, max(Self.log10Least, RademacherBound.log10Tail(z) + log10(tests) + Double(round) * log10(2)))
    }
}
