internal import CMath
import EarmarkDSP

/// Finds at which speeds a recording repeats itself with the pilot's period.
///
/// The pilot is the same in every period of 16.4 s, so features some periods apart agree in a quarter of their cells,
/// wherever in the plane of pitch and speed the recording lies: one correlation of the features with themselves shows
/// the rate, to a ten-thousandth, that no grid would have hit. A pitch that is off by a band or two mixes neighbouring
/// bands the same way in each period, which costs less than it would cost the correlation with the pilot itself.
///
/// Weaker than a search that knows the pilot: a mark of half the strength leaves a quarter of the peak. The lines of
/// `WarpGrid` look for those.
struct PeriodSearch {
    /// A rate, and how far the agreement stands above that at other rates, median deviations.
    struct Found {
        var rate: Double
        var prominence: Double
    }

    /// Slowest and fastest, meeting seconds in a second of the recording.
    private static let range = 0.79...1.27
    /// Ratio of neighbouring rates: seven periods away it moves the chips by half a frame.
    private static let ratio = 1 + 7e-5
    /// Frames that must overlap for a multiple of the period to say something.
    private static let leastOverlap = 512
    /// The best of some 40,000 rates and pitches of a recording without a mark stands 4.2 standard deviations above
    /// the others, which are 6.2 median deviations.
    private static let leastProminence = 7.0
    /// Rates this close are one.
    private static let neighbourhood = 0.01

    private let transform: any RealTransform
    private var samples: [Float]
    private var spectrum: [Float]
    private var power: [Float]

    /// Prepares for features of at most `frames` frames.
    init(frames: Int, transforms: any TransformProvider) {
        // Twice the length, so that the ends do not meet.
        var length = 2
        while length < 2 * frames { length *= 2 }
        transform = transforms.realTransform(length: length)
        samples = .init(repeating: 0, count: length)
        spectrum = .init(repeating: 0, count: length + 2)
        power = spectrum
    }

    /// The `limit` most prominent rates of `features`, best first.
    mutating func rates(of features: FeatureMatrix, limit: Int) -> [Found] {
        guard 2 * features.frames <= samples.count else { return [] }
        correlate(features)
        var scores: [Found] = []
        var rate = PeriodSearch.range.lowerBound
        while rate <= PeriodSearch.range.upperBound {
            if let score = agreement(at: rate, frames: features.frames) {
                scores.append(Found(rate: rate, prominence: score))
            }
            rate *= PeriodSearch.ratio
        }
        guard !scores.isEmpty else { return [] }
        var values = scores.map(\.prominence)
        let middle = values.select(values.count / 2)
        values = scores.map { abs($0.prominence - middle) }
        let spread = max(1e-9, values.select(values.count / 2))
        for index in scores.indices { scores[index].prominence = (scores[index].prominence - middle) / spread }
        return PeriodSearch.distinct(scores.filter { $0.prominence >= PeriodSearch.leastProminence }, limit)
    }

    /// The best of `found`, no two of them the same.
    static func distinct(_ found: [Found], _ limit: Int) -> [Found] {
        var kept: [Found] = []
        for one in found.sorted(by: { $0.prominence > $1.prominence }) where kept.count < limit {
            if kept.allSatisfy({ abs($0.rate - one.rate) > neighbourhood }) { kept.append(one) }
        }
        return kept
    }

    /// Leaves the correlation of the features with themselves, summed over dipoles, in `samples`.
    private mutating func correlate(_ features: FeatureMatrix) {
        for index in power.indices { power[index] = 0 }
        for dipole in 0..<FeatureMatrix.columns {
            for frame in samples.indices {
                samples[frame] =
                    frame < features.frames ? Float(features.values[frame * FeatureMatrix.columns + dipole]) : 0
            }
            transform.forward(samples, at: 0, into: &spectrum)
            for bin in 0..<spectrum.count / 2 {
                power[2 * bin] += spectrum[2 * bin] * spectrum[2 * bin] + spectrum[2 * bin + 1] * spectrum[2 * bin + 1]
            }
        }
        transform.inverse(power, into: &samples)
    }

    /// Agreement at all multiples of the period as it is heard at `rate`, in the unit of its own deviation by chance.
    private func agreement(at rate: Double, frames: Int) -> Double? {
        let period = Double(FeatureLayout.framesPerPeriod) / rate
        var sum = 0.0
        var overlaps = 0.0
        var lag = period
        while lag < Double(frames - PeriodSearch.leastOverlap) {
            let low = Int(lag)
            let share = lag - Double(low)
            sum += Double(samples[low]) * (1 - share) + Double(samples[low + 1]) * share
            overlaps += Double(frames) - lag
            lag += period
        }
        return overlaps > 0 ? sum / overlaps.squareRoot() : nil
    }
}
