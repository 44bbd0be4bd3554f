import Foundation
import Testing

@testable import EarmarkEmbed

/// The filter of `MarkCoverage`, which counts of the mark what lies above 600 Hz.
@Suite struct HighPassTests {
    /// Butterworth's response of the fourth order through the bilinear transform: |H|² = 1 / (1 + (tan(π c) / tan(π
    /// f))^8) for the corner c and the frequency f, in cycles a sample.
    @Test(arguments: [8_000.0, 22_050, 24_000], [100.0, 300, 600, 900, 1_200, 3_500])
    func levelsAreButterworths(rate: Double, frequency: Double) {
        let filter = HighPass(600 / rate)
        let samples = (0..<Int(rate)).map { Float(sin(2 * .pi * frequency / rate * Double($0))) }
        var state = HighPass.State.zero
        // Rung in after half a second.
        let half = samples.count / 16 * 8
        _ = samples[..<half].withUnsafeBufferPointer { filter.energy($0, &state) }
        let energy = samples[half..<2 * half].withUnsafeBufferPointer { filter.energy($0, &state) }
        let ratio = tan(.pi * 600 / rate) / tan(.pi * frequency / rate)
        let wanted = Double(half) / 2 / (1 + pow(ratio, 8))
        #expect(abs(10 * log10(energy / wanted)) < 0.05)
    }

    @Test func silenceEmptiesIt() {
        let filter = HighPass(0.025)
        var state = HighPass.State(1, -1, 1, -1)
        let silence = [Float](repeating: 0, count: 2_400)
        for _ in 0..<3 { _ = silence.withUnsafeBufferPointer { filter.energy($0, &state) } }
        #expect(state == .zero)
    }
}
