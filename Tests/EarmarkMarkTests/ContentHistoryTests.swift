import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMark

/// What content cells depend on: docs/signal-design.md, "Content cells".
@Suite struct ContentHistoryTests {
    /// Noise in one group of bands that grows louder than its neighbours sets the difference to the group below, and
    /// takes away that to the group above.
    @Test func aGroupThatGrowsSetsTheDifferenceBelowIt() {
        for group in 1..<13 {
            let bits = ContentHistoryTests.differences { time, frequency in
                let isInGroup = Int((frequency - 250) / 500) == group
                return isInGroup && time > 0.3 ? 4 : 1
            }
            #expect(bits >> UInt32(group - 1) & 1 == 1, "below group \(group)")
            #expect(bits >> UInt32(group) & 1 == 0, "above group \(group)")
        }
    }

    /// A sound that grows and has waned again lies between the windows.
    @Test func whatLiesBetweenTheWindowsCountsForNothing() {
        // Every other group grows between the windows: each difference is far from a draw.
        func level(_ time: Double, _ frequency: Double) -> Double {
            Int((frequency - 250) / 500) % 2 == 0 && time > 0.4 ? 4 : 1
        }
        let first = ContentHistoryTests.differences(level)
        let bursts = ContentHistoryTests.differences { time, frequency in
            // The recording ends at 0.6 s: windows are 0.216...0.344 and 0.472...0.6.
            let isBetween = (0.37...0.44).contains(time)
            return level(time, frequency) * (isBetween && frequency > 3_250 && frequency < 3_750 ? 30 : 1)
        }
        #expect(first == 0x0AAA)
        #expect(first == bursts)
    }

    /// A strong voice at 500 Hz leaks 30 dB less into 5 kHz than its own level: there the weak bands decide.
    @Test func strongBandsFarAwayDecideNothing() {
        let bits = ContentHistoryTests.differences { time, frequency in
            if frequency < 750 { return time > 0.3 ? 1_000 : 3_000 }
            return Int((frequency - 250) / 500) == 9 && time > 0.3 ? 4 : 1
        }
        #expect(bits >> 8 & 1 == 1 && bits >> 9 & 1 == 0)
    }

    /// Silence, and audio that has just begun, has no differences.
    @Test func silenceHasNoDifferences() {
        var history = ContentHistory(groupCount: 7, interval: 0.004)
        #expect(history.differences() == 0)
        #expect(ContentHistoryTests.differences { _, _ in 0 } == 0)
    }

    /// A stream that stood still for longer than both windows and what lies between was silent in all of them.
    @Test(arguments: [(0.38, false), (0.39, true), (-0.38, false), (-0.39, true), (600, true)])
    func longPausesAreSilence(move: Double, isForgotten: Bool) {
        func heard(_ engine: inout MarkEngine) -> UInt32 { engine.weights.history.differences() }
        var engine = MarkEngine(seeds: TestKeys.mark(client: 1), sampleRate: 16_000, channels: 1, strength: .standard)
        var noise = NoiseSource(seed: 3)
        var samples = noise.white(9_600, deviation: 0.1)
        unsafe samples.withUnsafeMutableBufferPointer { unsafe engine.process(interleaved: $0, frames: 9_600) }
        let before = heard(&engine)
        #expect(before != 0)
        engine.setTime(engine.time + move)
        #expect(heard(&engine) == (isForgotten ? 0 : before))
    }

    /// The differences after 0.6 s of tones, one in the middle of every other band, whose amplitude is `level`.
    private static func differences(_ level: (_ time: Double, _ frequency: Double) -> Double) -> UInt32 {
        let rate = 16_000.0
        var engine = MarkEngine(seeds: TestKeys.mark(client: 1), sampleRate: rate, channels: 1, strength: .standard)
        let frequencies = stride(from: 0, to: MarkLayout.bandCount, by: 2).map { MarkLayout.centre(ofBand: $0) }
        var samples = (0..<Int(0.6 * rate)).map { frame in
            let time = Double(frame) / rate
            return Float(
                1e-4 * frequencies.reduce(0) { $0 + level(time, $1) * sin(2 * Double.pi * $1 * time) })
        }
        let count = samples.count
        unsafe samples.withUnsafeMutableBufferPointer { unsafe engine.process(interleaved: $0, frames: count) }
        return engine.weights.history.differences()
    }
}
