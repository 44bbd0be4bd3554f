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
