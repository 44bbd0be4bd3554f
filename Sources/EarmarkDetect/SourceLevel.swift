internal import CMath
import EarmarkMark

/// What a fresh mark of a profile, at standard strength, would add to a cell of given features, by dipole.
struct FreshMark {
    /// Mean over all cells, stored units.
    let everywhere: [Double]
    /// Mean over the cells that are peaks.
    let peaks: [Double]

    init(_ features: FeatureMatrix, _ profile: MarkProfile) {
        let counts = features.peakCounts()
        everywhere = (0..<FeatureMatrix.columns).map { dipole in
            features.slopes[dipole] * profile.swing(dipole) / Double(max(1, features.frames))
        }
        peaks = (0..<FeatureMatrix.columns).map { dipole in
            features.peakSlopes[dipole] * profile.swing(dipole) / Double(max(1, counts[dipole]))
        }
    }
}

/// Sums behind the level of one source.
struct LevelSums {
    /// Agreement, sum of squares and what a fresh mark would agree.
    private struct Part {
        var sum = 0.0
        var energy = 0.0
        var expected = 0.0

        mutating func add(_ other: Part) {
            sum += other.sum
            energy += other.energy
            expected += other.expected
        }

        /// Amplitude relative to a fresh mark, and the same less a standard error.
        var amplitude: (estimate: Double, least: Double) {
            guard expected > 0 else { return (0, 0) }
            // By chance the sum has the variance of its fair signs: the sum of squares.
            return (sum / expected, (sum - energy.squareRoot()) / expected)
        }
    }

    /// Amplitude at the peaks, relative to a fresh mark, up to which an uneven mark may be one beside other voices.
    ///
    /// Babble as loud as the talkers leaves 0.2 to 0.8; a copy on the loudest two fifths of all cells has more where
    /// its z is beyond some 25 (docs/measurements).
    private static let mostAtPeaks = 0.8

    private var everywhere = Part()
    private var peaks = Part()

    /// Counts a cell; `value` is the weighted feature.
    mutating func add(
        _ value: Double, sign: Int8, weight: Double, _ dipole: Int, _ fresh: FreshMark, isPeak: Bool
    ) {
        let agreement = value * Double(sign)
        everywhere.add(.init(sum: agreement, energy: value * value, expected: weight * fresh.everywhere[dipole]))
        guard isPeak else { return }
        peaks.add(.init(sum: agreement, energy: value * value, expected: weight * fresh.peaks[dipole]))
    }

    mutating func add(_ other: LevelSums) {
        everywhere.add(other.everywhere)
        peaks.add(other.peaks)
    }

    /// Amplitude over all cells relative to that at the peaks, each relative to a fresh mark; nil where the peaks show
    /// no mark for certain, or nearly a fresh one and more: who puts a copied mark onto peaks alone needs that much.
    ///
    /// 0.7 to 0.9 of a fresh mark, and as much of what codecs, rooms and whoever copies a mark leave of one: they
    /// weaken it about alike everywhere. Other sound that is as loud as its host leaves what stands above: the peaks.
    var evenness: Double? {
        guard peaks.amplitude.least > 0, peaks.amplitude.estimate <= LevelSums.mostAtPeaks else { return nil }
        return everywhere.amplitude.estimate / peaks.amplitude.estimate
    }

    /// The level over all cells or over peaks, whichever is surer to be high: noise leaves more of a mark at the peaks.
    var level: Detection.Level {
        let parts = [everywhere.amplitude, peaks.amplitude]
        let best = parts[1].least > parts[0].least ? parts[1] : parts[0]
        func decibels(_ amplitude: Double) -> Double { amplitude > 0 ? 20 * log10(amplitude) : -.infinity }
        return .init(decibels: decibels(best.estimate), leastDecibels: decibels(best.least))
    }
}
