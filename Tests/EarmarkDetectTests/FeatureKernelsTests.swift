import EarmarkMark
import Foundation
import Testing

@testable import EarmarkDetect

/// What a cell's frames and its neighbours make of its feature.
@Suite struct FeatureKernelsTests {
    private static let width = FeatureLayout.rowVectors
    private static let frames = 24

    /// A feature of 1 at `dipole` in frame 10, matched.
    private static func response(_ dipole: Int) -> [SIMD8<Float>] {
        var feature = [SIMD8<Float>](repeating: .zero, count: frames * width)
        feature[10 * width + dipole / 8][dipole % 8] = 1
        var matched = [SIMD8<Float>](repeating: .init(repeating: .nan), count: frames * width)
        FeatureKernels.match(feature, valid: frames, into: &matched)
        return matched
    }

    // Dipoles inside a vector, on both sides of a border between two, and at either end.
    @Test(arguments: [0, 1, 4, 6, 7, 8, 9, 15, 16, 26, 27])
    func aFeatureSpeaksToItsNeighboursAndToNobodyElse(dipole: Int) {
        let matched = FeatureKernelsTests.response(dipole)
        for frame in 0..<FeatureKernelsTests.frames {
            for other in 0..<MarkLayout.dipoleCount {
                let expected: Float =
                    switch (abs(frame - 10), abs(other - dipole)) {
                    case (0, 0): 1
                    case (0, 1): -0.1
                    case (0, 2): -0.045
                    case (FeatureLayout.framesPerChip, 0): -0.13
                    default: 0
                    }
                let value = matched[frame * FeatureKernelsTests.width + other / 8][other % 8]
                #expect(value == expected, "frame \(frame), dipole \(other)")
            }
        }
    }

    @Test func noChipIsLookedForBeyondTheEnds() {
        let width = FeatureKernelsTests.width
        for frame in [0, 3, 4, 8, 9] {
            var feature = [SIMD8<Float>](repeating: .zero, count: 10 * width)
            feature[frame * width][3] = 1
            var matched = feature
            FeatureKernels.match(feature, valid: 10, into: &matched)
            let earlier = frame >= 4 ? matched[(frame - 4) * width][3] : -0.13
            let later = frame + 4 < 10 ? matched[(frame + 4) * width][3] : -0.13
            #expect(matched[frame * width][3] == 1 && earlier == -0.13 && later == -0.13)
        }
    }

    /// Band powers of four frames whose level differences are `decibels`, the same in every dipole.
    private static func measured(_ decibels: [Double]) -> (difference: Float, prominence: Float) {
        var powers: [SIMD8<Float>] = []
        for level in decibels {
            // The two bands move apart about the same mean level, so that their sum is all that changes.
            let even = SIMD8<Float>(repeating: Float(pow(10, level / 20)))
            powers += .init(repeating: even, count: width) + .init(repeating: 1 / even, count: width)
        }
        var floors = FloorEstimator()
        floors.estimate(powers, frames: 4)
        var difference = [SIMD8<Float>](repeating: .zero, count: width)
        var reliability = difference
        var prominence = difference
        var scratch: [SIMD8<Float>] = []
        FeatureKernels.measure(
            powers: powers, valid: 1, floors: floors, difference: &difference, reliability: &reliability,
            prominence: &prominence, scratch: &scratch)
        return (difference[1][0], prominence[1][0])
    }

    @Test func theMiddleOfAChipCountsMoreThanItsEdges() {
        #expect(abs(FeatureKernelsTests.measured([3, 3, 3, 3]).difference - 3) < 1e-3)
        #expect(abs(FeatureKernelsTests.measured([4, 0, 0, 0]).difference - 4 * 0.6 / 3.2) < 1e-3)
        #expect(abs(FeatureKernelsTests.measured([0, 0, 4, 0]).difference - 4 / 3.2) < 1e-3)
    }

    @Test func aCellThatMovesWithinTheChipCountsLess() {
        let steady = FeatureKernelsTests.measured([0, 0, 0, 0]).prominence
        #expect(abs(steady - 1) < 1e-4)
        // +-x about a mean of 0: the mean square is x squared.
        let restless = FeatureKernelsTests.measured([-5.745, 5.745, -5.745, 5.745]).prominence
        let still = FeatureKernelsTests.measured([5.745, 5.745, 5.745, 5.745]).prominence
        #expect(restless < still)
        #expect(abs(restless - Float(0.5).squareRoot()) < 0.05)
    }
}
