import EarmarkDetect
import EarmarkTestSupport
import Foundation
import Testing

/// The bound on false accusation: its numbers, and that coin flips never beat it.
@Suite struct RademacherBoundTests {
    @Test func constantIsThatOfTheTheorem() {
        // 1 / (4 Q(sqrt 2)) to 18 digits: 3.17865556588699706.
        #expect(abs(pow(10, RademacherBound.log10Constant) - 3.178_655_565_886_997) < 1e-12)
    }

    /// log10 Q(z), computed with 40 digits.
    @Test(arguments: [
        (0.0, -0.301_029_995_663_981), (1, -0.799_545_541_491_970), (2, -1.643_016_080_140_937),
        (5, -6.542_645_672_390_655), (8, -15.206_142_551_017_155), (10, -23.118_053_405_486_076),
        (19.999, -88.551_388_062_566_74), (20, -88.560_095_343_075_59), (20.001, -88.568_803_056_809_14),
        (25, -137.514_747_650_995_53), (38, -315.539_789_703_962_51), (40, -349.437_006_459_345_84),
        (100, -2_173.871_542_869_034_4),
    ])
    func gaussianTailMatchesKnownValues(z: Double, expected: Double) {
        #expect(abs(RademacherBound.log10GaussianTail(z) - expected) < 1e-11 * max(1, abs(expected)))
    }

    @Test func tailFallsWithoutAStep() {
        var last = 0.0
        for step in 1...6_000 {
            let tail = RademacherBound.log10Tail(Double(step) * 0.01)
            #expect(tail <= last && tail.isFinite)
            // Its slope never exceeds z log10(e) by more than a little.
            if step > 1 { #expect(last - tail < 0.01 * (Double(step) * 0.01 + 1) * 0.45) }
            last = tail
        }
        #expect(RademacherBound.log10Tail(-3) == 0)
        #expect(RademacherBound.log10Tail(0) == 0)
    }

    @Test(arguments: [(-9.0, 3.0), (-9, 4.5), (-6, 0), (-2, 1), (-300, 6), (-12, 5.3)])
    func requiredZIsTheLeastThatSuffices(threshold: Double, hypotheses: Double) {
        let z = RademacherBound.requiredZ(log10Threshold: threshold, log10Hypotheses: hypotheses)
        #expect(RademacherBound.log10Tail(z) + hypotheses <= threshold)
        #expect(RademacherBound.log10Tail(z - 1e-6) + hypotheses > threshold)
    }

    /// Every one of the 2^n sign patterns, so the tail is exact and no chance is left.
    ///
    /// The theorem says "for all z".
    @Test func exactTailsNeverExceedTheBound() {
        var noise = NoiseSource(seed: 8)
        for count in 1...13 {
            for shape in 0..<5 {
                let weights = RademacherBoundTests.weights(count, shape, &noise)
                let norm = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
                var sums = [0.0]
                for weight in weights { sums = sums.map { $0 + weight / norm } + sums.map { $0 - weight / norm } }
                sums.sort(by: >)
                for (rank, z) in sums.enumerated() where z > 0 && (rank + 1 == sums.count || sums[rank + 1] < z) {
                    // P(S >= z); rounding of z is far below the slack but at the theorem's own extremal point.
                    let tail = log10(Double(rank + 1) / Double(sums.count))
                    #expect(tail <= RademacherBound.log10Tail(z) + 1e-9, "\(count) weights, z \(z)")
                }
            }
        }
    }

    /// The constant cannot be smaller: two equal weights reach the bound at z = sqrt 2.
    @Test func boundIsTightAtRootTwo() {
        #expect(abs(RademacherBound.log10Tail(2.0.squareRoot()) - log10(0.25)) < 1e-12)
    }

    private static func weights(_ count: Int, _ shape: Int, _ noise: inout NoiseSource) -> [Double] {
        (0..<count).map { index in
            switch shape {
            case 0: 1
            case 1: abs(noise.gaussian()) + 1e-3
            case 2: noise.uniform() + 1e-3
            case 3: pow(0.7, Double(index))
            default: index == 0 ? 3 : 0.3 + noise.uniform()
            }
        }
    }
}
