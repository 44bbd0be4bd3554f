import EarmarkDetect
import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@Suite struct BandAnalyzerTests {
    @Test(arguments: [0, 1, 2, 7, 15, 16, 17, 31, 40, 54, 55])
    func aSineAtABandsCentreLandsInThatBand(band: Int) {
        let samples = (0..<4_000).map {
            Float(0.5 * sin(2 * Double.pi * MarkLayout.centre(ofBand: band) * Double($0) / FeatureLayout.sampleRate))
        }
        for powers in BandAnalyzerTests.powers(samples) {
            let total = powers.reduce(0, +)
            #expect(powers[band] > 0.98 * total)
        }
    }

    @Test func whiteNoiseSplitsEvenlyOverTheBands() {
        var noise = NoiseSource(seed: 41)
        let rows = BandAnalyzerTests.powers(noise.white(160_000, deviation: 0.1))
        let sums = (0..<MarkLayout.bandCount).map { band in rows.reduce(0.0) { $0 + Double($1[band]) } }
        let mean = sums.reduce(0, +) / Double(sums.count)
        // 620 frames of some four independent values each: 2.3 % deviation, and 56 bands to miss with.
        for (band, sum) in sums.enumerated() { #expect(abs(sum / mean - 1) < 0.12, "band \(band)") }
        #expect(sums.allSatisfy { $0 > 0 })
    }

    @Test(arguments: [0, 1, 767, 768, 1_023, 1_024, 1_025, 33_000, 48_641])
    func framesAreAsManyAsFit(count: Int) {
        var noise = NoiseSource(seed: 42)
        let expected = count < FeatureLayout.window ? 0 : (count - FeatureLayout.window) / FeatureLayout.hop + 1
        #expect(BandAnalyzerTests.powers(noise.white(count, deviation: 0.1)).count == expected)
    }

    @Test func cutsOfTheStreamDoNotMatter() {
        var noise = NoiseSource(seed: 43)
        let samples = noise.white(100_000, deviation: 0.1)
        let whole = BandAnalyzerTests.rows(samples) { samples.count }
        #expect(BandAnalyzerTests.rows(samples) { noise.integer(in: 1...900) } == whole)
        #expect(BandAnalyzerTests.rows(samples) { 40_000 } == whole)
    }

    @Test func powerGrowsWithTheSquare() {
        var noise = NoiseSource(seed: 44)
        let samples = noise.white(8_000, deviation: 0.1)
        let quiet = BandAnalyzerTests.powers(samples.map { $0 * 0.125 })
        for (low, high) in zip(quiet, BandAnalyzerTests.powers(samples)) {
            for band in low.indices { #expect(abs(low[band] * 64 / high[band] - 1) < 1e-4) }
        }
    }

    private static func rows(_ samples: [Float], _ block: () -> Int) -> [SIMD8<Float>] {
        var analyzer = BandAnalyzer(transforms: FFTWProvider())
        var rows: [SIMD8<Float>] = []
        samples.withUnsafeBufferPointer { buffer in
            var done = 0
            while done < buffer.count {
                let count = min(block(), buffer.count - done)
                analyzer.append(.init(rebasing: buffer[done..<done + count]), rows: &rows)
                done += count
            }
        }
        return rows
    }

    /// Powers by frame and band, in the order of the bands.
    private static func powers(_ samples: [Float]) -> [[Float]] {
        let rows = rows(samples) { 4_096 }
        return stride(from: 0, to: rows.count, by: BandAnalyzer.rowVectors).map { base in
            (0..<MarkLayout.bandCount).map { band in
                rows[base + band % 2 * FeatureLayout.rowVectors + band / 16][band / 2 % 8]
            }
        }
    }
}
