import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMark

/// docs/signal-design.md, "Embedder": how the mark follows its host, seen as the gain of a dipole's two tones.
@Suite struct HostWeightTests {
    /// Centres of bands 6 and 7, the two bands of dipole 3.
    private static let tones = [1_062.5, 1_187.5]
    private static let rate = 16_000.0

    /// Weight in the middle of the chips that begin at `seconds`: the gain over that of a host far above its floor.
    private static func weights(
        chips: [Int], seconds: Double, tones: [Double] = HostWeightTests.tones, _ level: (Double) -> Double
    ) throws -> [Double] {
        let seeds = TestKeys.mark(client: 3)
        let host = GainProbe.tones(tones, seconds: seconds, rate: rate, level: level)
        let loud = GainProbe.tones(tones, seconds: seconds, rate: rate) { _ in 0.1 }
        // Of the two tones one is raised while the other is lowered.
        let first = Array(tones.prefix(1))
        let probe = GainProbe(
            host: host, marked: try Marking.mark(host, seeds: seeds), rate: rate,
            tone: GainProbe.tones(first, seconds: seconds, rate: rate, level: level))
        let reference = GainProbe(
            host: loud, marked: try Marking.mark(loud, seeds: seeds), rate: rate,
            tone: GainProbe.tones(first, seconds: seconds, rate: rate) { _ in 0.1 })
        return chips.map { chip in
            let middle = (Double(chip) + 0.5) * 0.064
            return probe.gain(at: middle, width: 0.016) / reference.gain(at: middle, width: 0.016)
        }
    }

    /// A held note: the floor climbs from −90 dBFS by 2 dB a second, the weight falls from 1 at 10 dB to 0.25 at 4 dB.
    ///
    /// Tones of −78 dBFS stand 0.56 dB higher in their bands, each with what it gets of the other: the weight begins to
    /// fall 2.56 dB or 1.3 s from the start and has fallen 3 s later.
    @Test func aHeldNoteLosesItsMarkSlowly() throws {
        let level = pow(10, -78.0 / 20)
        let chips = [4, 12, 30, 43, 55, 80, 100]
        let weights = try HostWeightTests.weights(chips: chips, seconds: 7) { _ in level }
        for (chip, weight) in zip(chips, weights) {
            let above = 12.56 - 2 * (Double(chip) + 0.5) * 0.064
            let expected = 0.25 + 0.75 * min(max((above - 4) / 6, 0), 1)
            #expect(abs(weight - expected) < 0.1, "\(above) dB over the floor: \(weight) instead of \(expected)")
        }
        #expect(abs(weights[6] - 0.25) < 0.02)
    }

    /// The weaker band of a pair decides: a tone in one band alone is 8.6 dB weaker in the other.
    @Test func theWeakerBandOfAPairDecides() throws {
        let level = pow(10, -76.0 / 20)
        // 14 dB over the floor in its own band, 5.4 dB in the other, less 2 dB a second.
        let weights = try HostWeightTests.weights(chips: [2, 10], seconds: 1, tones: [1_062.5]) { _ in level }
        for (chip, weight) in zip([2, 10], weights) {
            let above = 5.4 - 2 * (Double(chip) + 0.5) * 0.064
            #expect(abs(weight - (0.25 + 0.75 * max((above - 4) / 6, 0))) < 0.06)
        }
    }

    /// Power is smoothed over 20 ms: after a sound 46 dB over the floor, what follows it at 1 dB keeps its mark for
    /// 20 ms × ln(10^3.6) = 166 ms, less 6 dB of ramp of 28 ms.
    @Test func theMarkFollowsTheHostDownwards() throws {
        let loud = pow(10, -44.0 / 20)
        let quiet = pow(10, -89.6 / 20)
        let end = 9 * 0.064
        let weights = try HostWeightTests.weights(chips: [10, 13], seconds: 1.2) { $0 < end ? loud : quiet }
        // 96 ms and 288 ms after the end.
        #expect(weights[0] > 0.97)
        #expect(weights[1] < 0.35)
    }

    /// After 20 ms of zeros the resonators are emptied: what follows carries no echo of what was before.
    @Test func zerosEmptyTheFilters() throws {
        for (milliseconds, isEmptied) in [(12.0, false), (19.0, false), (21, true), (60, true)] {
            var noise = NoiseSource(seed: 6)
            var host = noise.white(8_000, deviation: 0.2)
            let start = 4_000
            let end = start + Int(milliseconds * 16)
            for index in start..<end { host[index] = 0 }
            for index in end..<host.count { host[index] = 1e-9 }
            let marked = try Marking.mark(host, seeds: TestKeys.mark(client: 3))
            let echo = (end..<end + 8).map { abs(marked[$0] - host[$0]) }.max() ?? 0
            if isEmptied { #expect(echo < 1e-9, "\(milliseconds) ms") } else { #expect(echo > 1e-7) }
        }
    }
}
