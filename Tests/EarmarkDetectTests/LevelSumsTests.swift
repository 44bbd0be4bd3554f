import EarmarkMark
import Foundation
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 9, "Level" and "The channel": amplitudes over all cells and over the loudest tenth.
@Suite struct LevelSumsTests {
    /// Ten frames, one of them a peak in every dipole; a decibel moves features by 0.2 everywhere and by 0.5 at peaks,
    /// in features' units.
    private static let fresh: FreshMark = {
        var features = FeatureMatrix()
        for frame in 0..<10 {
            let row = SIMD8<Float>(repeating: 0.5)
            features.append(row, row, row, row, peaks: frame == 3 ? 0x0fff_ffff : 0)
        }
        let slopes = Array(repeating: SIMD8<Float>(repeating: 0.2 * 10), count: 4)
        features.addSlopes(slopes, heard: slopes)
        for dipole in 0..<FeatureMatrix.columns { features.addPeakSlope(0.5, dipole: dipole) }
        return FreshMark(features, .contentBound)
    }()

    /// What a fresh mark of standard strength shows: its two bands move apart by the sum of their depths, times the
    /// share that the weights of real hosts leave (0.63 to 0.74), times the slope.
    @Test func aFreshMarkShowsItsDepthTimesTheSlope() {
        for dipole in 0..<MarkLayout.dipoleCount {
            let depth = (0...1).reduce(0) { $0 + Strength.standard.depth(ofBand: 2 * dipole + $1) }
            let shown = LevelSumsTests.fresh.everywhere[dipole] / Double(FeatureMatrix.scale)
            #expect((0.63...0.74).contains(shown / (0.2 * depth)))
            #expect(
                abs(LevelSumsTests.fresh.peaks[dipole] / LevelSumsTests.fresh.everywhere[dipole] - 2.5) < 1e-4)
        }
    }

    /// `cells`: agreement relative to a fresh mark's, and whether it is a peak.
    private static func level(_ cells: [(share: Double, isPeak: Bool)], weight: Double = 1) -> Detection.Level {
        sums(cells, weight: weight).level
    }

    private static func sums(_ cells: [(share: Double, isPeak: Bool)], weight: Double = 1) -> LevelSums {
        var sums = LevelSums()
        for (index, cell) in cells.enumerated() {
            let dipole = index % MarkLayout.dipoleCount
            let sign: Int8 = index % 3 == 0 ? -1 : 1
            var other = LevelSums()
            other.add(
                weight * cell.share * fresh.everywhere[dipole] * Double(sign), sign: sign, weight: weight, dipole,
                fresh, isPeak: cell.isPeak)
            sums.add(other)
        }
        return sums
    }

    @Test(arguments: [1.0, 0.5, 0.1], [1.0, 0.3]) func theLevelIsTheMeanShareOfAFreshMark(share: Double, weight: Double)
    {
        let cells = Array(repeating: (share: share, isPeak: false), count: 28 * 2_000)
        let level = LevelSumsTests.level(cells, weight: weight)
        #expect(abs(level.decibels - 20 * log10(share)) < 1e-6)
        // The signs are fair: the sum's variance is the sum of squares.
        let fresh = cells.indices.map { LevelSumsTests.fresh.everywhere[$0 % MarkLayout.dipoleCount] }
        let deviation = share * fresh.reduce(0) { $0 + $1 * $1 }.squareRoot() / fresh.reduce(0, +)
        #expect(abs(level.leastDecibels - 20 * log10(share - deviation)) < 1e-6)
    }

    /// The one that is surer to be high counts.
    @Test func peaksCountWhereTheyShowMore() {
        // Peaks show 2.5 times as much of a decibel: 0.5 there is a fifth of a fresh mark, a tenth everywhere.
        let often = (0..<28 * 2_000).map { (share: $0 % 10 == 0 ? 0.5 : 0.0556, isPeak: $0 % 10 == 0) }
        #expect(abs(LevelSumsTests.level(often).decibels - 20 * log10(0.2)) < 0.05)
        // As much everywhere as at the peaks: more than a fresh mark's share at peaks would be.
        let alike = (0..<28 * 2_000).map { (share: 0.2, isPeak: $0 % 10 == 0) }
        #expect(abs(LevelSumsTests.level(alike).decibels - 20 * log10(0.2)) < 1e-6)
        // A few strong peaks are unsure.
        let few = (0..<28 * 2_000).map { (share: $0 == 10 ? 2 : 0.2, isPeak: $0 == 10) }
        #expect(abs(LevelSumsTests.level(few).decibels - 20 * log10(0.2)) < 0.01)
    }

    /// What is left over all cells beside what is left at the peaks, each of a fresh mark.
    @Test func aMarkThatIsLeftAtThePeaksIsUneven() throws {
        // As above: a tenth everywhere, a fifth at the peaks.
        let uneven = LevelSumsTests.sums(
            (0..<28 * 2_000).map { (share: $0 % 10 == 0 ? 0.5 : 0.0556, isPeak: $0 % 10 == 0) })
        #expect(abs(try #require(uneven.evenness) - 0.5) < 0.005)
        let even = LevelSumsTests.sums(
            (0..<28 * 2_000).map { (share: $0 % 10 == 0 ? 0.5 : 0.1667, isPeak: $0 % 10 == 0) })
        #expect(abs(try #require(even.evenness) - 1) < 0.01)
        // 0.8 of a fresh mark at the peaks, which show 2.5 times as much, and a little more.
        let strong = { (share: Double) in
            LevelSumsTests.sums((0..<28 * 2_000).map { (share: $0 % 10 == 0 ? share : 0.1, isPeak: $0 % 10 == 0) })
        }
        #expect(strong(1.99).evenness != nil)
        #expect(strong(2.01).evenness == nil)
        // Peaks that may show nothing say nothing, nor does a recording without any.
        #expect(LevelSumsTests.sums([(share: 0.2, isPeak: false), (share: 1, isPeak: true)]).evenness == nil)
        #expect(LevelSumsTests.sums([(share: 0.2, isPeak: false)]).evenness == nil)
    }

    @Test func nothingHasNoLevel() {
        #expect(LevelSums().level == .init(decibels: -.infinity, leastDecibels: -.infinity))
        let against = LevelSumsTests.level(Array(repeating: (share: -0.5, isPeak: false), count: 2_800))
        #expect(against.decibels == -.infinity && against.leastDecibels == -.infinity)
        // One cell alone is less sure than its own deviation.
        let lone = LevelSumsTests.level([(share: 1, isPeak: false)])
        #expect(abs(lone.decibels) < 1e-9 && lone.leastDecibels == -.infinity)
    }
}
