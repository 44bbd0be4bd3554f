import EarmarkKernels
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// How far a cell stands out of its frame.
@Suite struct CellProminenceTests {
    private static let bands = MarkLayout.bandCount

    @Test func aFlatSpectrumCountsOnceEverywhere() {
        for value in CellProminenceTests.prominence([Float](repeating: 3e-4, count: CellProminenceTests.bands)) {
            #expect(abs(value - 1) < 1e-5)
        }
    }

    @Test func peaksCountMoreThanValleys() {
        var powers = [Float](repeating: 1e-3, count: CellProminenceTests.bands)
        powers[20] = 1e-2
        for band in 30..<34 { powers[band] = 1e-4 }
        let values = CellProminenceTests.prominence(powers)
        #expect(values[10] > 1.5)
        #expect(values[16] < 0.7)
        #expect(abs(values[4] - 1) < 1e-3)
    }

    /// A gain, an automatic one included, must not move weights.
    @Test(arguments: [Float(1e-6), 1, 1e6]) func loudnessDoesNotMatter(gain: Float) {
        var noise = NoiseSource(seed: 41)
        let powers = (0..<CellProminenceTests.bands).map { _ in Float(abs(noise.gaussian()) + 0.1) * 1e-3 }
        let plain = CellProminenceTests.prominence(powers)
        let louder = CellProminenceTests.prominence(powers.map { $0 * gain })
        for (one, other) in zip(plain, louder) { #expect(abs(one - other) < 1e-4) }
    }

    /// 65 dB below the loudest band nothing counts, 45 dB below everything does.
    @Test func whatNoTransmissionKeepsCountsForNothing() {
        func value(below decibels: Float) -> Float {
            var powers = [Float](repeating: 1, count: CellProminenceTests.bands)
            let level = Float(pow(10, -Double(decibels) / 10))
            for band in 28..<CellProminenceTests.bands { powers[band] = level }
            return CellProminenceTests.prominence(powers)[22]
        }
        #expect(value(below: 66) == 0)
        #expect(abs(value(below: 55) - 0.5) < 0.01)
        #expect(abs(value(below: 44) - 1) < 1e-4)
    }

    @Test func silenceIsFinite() {
        let values = CellProminenceTests.prominence([Float](repeating: 0, count: CellProminenceTests.bands))
        #expect(values.allSatisfy { $0.isFinite && $0 >= 0 })
    }

    /// The slow way: neighbourhoods of nine bands, edges repeated, by definition.
    @Test func agreesWithTheDefinition() {
        var noise = NoiseSource(seed: 42)
        let powers = (0..<CellProminenceTests.bands).map { _ in Float(abs(noise.gaussian()) + 1e-3) }
        let values = CellProminenceTests.prominence(powers)
        func ratio(_ band: Int) -> Double {
            let around = (band - 4...band + 4).map { Double(powers[min(max($0, 0), powers.count - 1)]) }
            return Double(powers[band]) / (around.reduce(0, +) / 9)
        }
        for dipole in 0..<MarkLayout.dipoleCount {
            let peak = min(max(max(ratio(2 * dipole), ratio(2 * dipole + 1)), 0.1), 3.162_278)
            #expect(abs(Double(values[dipole]) - peak.squareRoot()) < 1e-4, "dipole \(dipole)")
        }
    }

    private static func prominence(_ powers: [Float]) -> [Float] {
        var row = [SIMD8<Float>](repeating: .zero, count: BandAnalyzer.rowVectors)
        for (band, power) in powers.enumerated() {
            row[band % 2 * FeatureLayout.rowVectors + band / 16][band / 2 % 8] = power
        }
        var result = [SIMD8<Float>](repeating: .zero, count: FeatureLayout.rowVectors)
        var scratch = [SIMD8<Float>](repeating: .zero, count: ProminenceKernel.scratchVectors)
        ProminenceKernel.measure(row, dipoles: MarkLayout.dipoleCount, scratch: &scratch, into: &result)
        return (0..<MarkLayout.dipoleCount).map { result[$0 / 8][$0 % 8] }
    }
}
