import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

@Suite struct SignTablesTests {
    @Test(arguments: [(1, 1), (1, 9), (31, 3), (32, 4), (33, 5), (112, 20), (560, 7)])
    func sumsMatchASlowOracle(stride: Int, count: Int) {
        var noise = NoiseSource(seed: UInt64(stride * 100 + count))
        let values = (0..<8 * stride).map { $0 % 13 == 0 ? 0 : Float(noise.gaussian()) }
        let bits = (0..<stride * count).map { _ in UInt8(truncatingIfNeeded: noise.bits()) }
        var sums = (0..<count).map { Double($0) }
        var tables = SignTables()
        tables.accumulate(values, bits: bits, stride: stride, count: count, into: &sums)
        let size = values.reduce(0.0) { $0 + abs(Double($1)) }
        for set in 0..<count {
            var expected = Double(set)
            for (index, value) in values.enumerated() {
                let bit = bits[set * stride + index / 8] >> UInt8(index % 8) & 1
                expected += bit == 1 ? -Double(value) : Double(value)
            }
            #expect(abs(sums[set] - expected) < 1e-5 * size)
        }
    }

    @Test func nothingIsAddedForNoSets() {
        var sums: [Double] = []
        var tables = SignTables()
        tables.accumulate(.init(repeating: 1, count: 16), bits: [], stride: 2, count: 0, into: &sums)
        #expect(sums.isEmpty)
    }

    /// Innocents' sums over the same values, and how often they come near: the tail against the proven bound.
    @Test func decoysNeverBeatTheBoundByMoreThanChanceAllows() {
        var noise = NoiseSource(seed: 77)
        let stride = 24
        // As in a recording: most cells weak, some strong.
        let values = (0..<8 * stride).map { _ in Float(noise.gaussian() * pow(4, noise.gaussian() * 0.5)) }
        let energy = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let total = 100_000
        let batch = 5_000
        var tables = SignTables()
        var counts = [Int](repeating: 0, count: 5)
        for _ in 0..<total / batch {
            var bits: [UInt8] = []
            bits.reserveCapacity(batch * stride)
            while bits.count < batch * stride {
                let word = noise.bits()
                for byte in 0..<8 { bits.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))) }
            }
            var sums = [Double](repeating: 0, count: batch)
            tables.accumulate(values, bits: bits, stride: stride, count: batch, into: &sums)
            for sum in sums {
                let z = sum / energy.squareRoot()
                for level in counts.indices where z >= Double(level) + 0.5 { counts[level] += 1 }
            }
        }
        for (level, count) in counts.enumerated() {
            let allowed = pow(10, RademacherBound.log10Tail(Double(level) + 0.5)) * Double(total)
            // Four standard deviations of a Poisson count above the bound.
            #expect(Double(count) <= allowed + 4 * allowed.squareRoot() + 4)
        }
        // And the scores are no constant: half a deviation is passed by about 31 %.
        #expect(abs(Double(counts[0]) / Double(total) - 0.309) < 0.02)
    }
}
