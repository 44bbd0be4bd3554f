/// The frames of the meeting at which a stretch of the recording fits best, one of each peak.
struct BestPlaces {
    /// A frame of the meeting that the stretch's first frame shows, and how well it fits.
    struct Place {
        /// Frames from the meeting's origin.
        var frame: Int64
        /// Sum of feature times sign.
        var sum: Float
    }

    /// The best first.
    private(set) var places: [Place] = []
    /// Standard deviation of all that were looked at.
    var deviation: Double { max(1e-9, (energy / max(1, count)).squareRoot()) }

    private let limit: Int
    private var energy = 0.0
    private var count = 0.0
    /// Frames around a place that later places may not use: the width of the peak.
    private static let exclusion: Int64 = 6

    /// Keeps up to `limit`.
    init(limit: Int) { self.limit = limit }

    /// Looks at a place.
    mutating func look(_ frame: Int64, _ sum: Float) {
        energy += Double(sum) * Double(sum)
        count += 1
        guard limit > 0, places.count < limit || sum > places[places.count - 1].sum else { return }
        func isNear(_ other: Place) -> Bool { abs(other.frame - frame) <= BestPlaces.exclusion }
        guard !places.contains(where: { isNear($0) && $0.sum >= sum }) else { return }
        places.removeAll(where: isNear)
        let index = places.firstIndex { $0.sum < sum } ?? places.count
        places.insert(Place(frame: frame, sum: sum), at: index)
        if places.count > limit { places.removeLast() }
    }
}

/// The best frames of all that may be searched, and among them those that were stated.
struct RankedPlaces {
    /// What is known of a place beside its sum.
    struct Ranked {
        /// The place.
        var place: BestPlaces.Place
        /// Natural log of how likely it is: half the square of its standard deviations, and the statement's weight.
        var evidence: Double
    }

    private var all: BestPlaces
    private var inside: BestPlaces
    private let frames: ClosedRange<Int64>?
    private let weight: Double

    /// Keeps up to `limit` of all and of those in `frames`, which are likelier by `weight`, natural log.
    init(limit: Int, stated frames: ClosedRange<Int64>?, weight: Double) {
        all = BestPlaces(limit: limit)
        inside = BestPlaces(limit: frames == nil ? 0 : limit)
        self.frames = frames
        self.weight = weight
    }

    /// Looks at a place.
    mutating func look(_ frame: Int64, _ sum: Float) {
        all.look(frame, sum)
        if let frames, frames.contains(frame) { inside.look(frame, sum) }
    }

    /// Standard deviation of all that were looked at.
    var deviation: Double { all.deviation }

    /// Up to `limit`, the likeliest first.
    func places(_ limit: Int) -> [Ranked] {
        let others = all.places.filter { place in !inside.places.contains { $0.frame == place.frame } }
        let ranked = inside.places.map { rank($0, weight) } + others.map { rank($0, 0) }
        return Array(ranked.sorted { ($1.evidence, $0.place.frame) < ($0.evidence, $1.place.frame) }.prefix(limit))
    }

    private func rank(_ place: BestPlaces.Place, _ weight: Double) -> Ranked {
        let z = max(0, Double(place.sum) / deviation)
        return Ranked(place: place, evidence: z * z / 2 + weight)
    }
}
