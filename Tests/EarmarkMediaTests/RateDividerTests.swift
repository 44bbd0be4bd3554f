import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMedia

/// Rates that are whole multiples of the wanted one are divided by a filter of our own (docs/signal-design.md).
@Suite struct RateDividerTests {
    /// What comes out of `channels` that come in pieces of these lengths, over and over.
    private func divided(_ channels: [[Float]], by ratio: Int, pieces: [Int]) throws -> [[Float]] {
        var made = [[Float]](repeating: [], count: channels.count)
        func take(_ block: borrowing PlanarBlock) {
            for channel in 0..<block.channelCount { made[channel] += block[channel: channel] }
        }
        var assembler = BlockAssembler(channels: channels.count, outputRate: 16_000)
        #expect(try assembler.setInputRate(16_000 * ratio) { take($0) })
        var (start, turn) = (0, 0)
        while start < channels[0].count {
            let count = min(pieces[turn % pieces.count], channels[0].count - start)
            let copies = channels.map { samples in
                let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
                _ = copy.initialize(from: samples[start..<start + count])
                return copy
            }
            defer { for copy in copies { copy.deallocate() } }
            let planes = copies.compactMap { $0.baseAddress.map { UnsafePointer($0) } }
            try assembler.append(planes, to: count) { take($0) }
            (start, turn) = (start + count, turn + 1)
        }
        try assembler.finish { take($0) }
        return made
    }

    private func noise(_ count: Int, seed: UInt64) -> [Float] {
        var source = NoiseSource(seed: seed)
        return source.white(count, deviation: 0.3)
    }

    /// An output is a weighted sum of the samples around its own place in time, silence before and after them.
    @Test(arguments: [2, 3, 6]) func outputsAreTheSumsOfTheirSamples(ratio: Int) throws {
        let channels = [noise(1_000 * ratio + 1, seed: 1), noise(1_000 * ratio + 1, seed: 2)]
        let made = try divided(channels, by: ratio, pieces: [4_096])
        // A windowed sinc from its definition: Kaiser's window with beta 6, a band of 0.97 of 8 kHz, 32 periods long.
        let step = 0.97 / Double(ratio)
        let reach = Int(16 / step)
        func bessel(_ x: Double) -> Double {
            (0..<60).reduce(into: (sum: 0.0, term: 1.0)) { state, order in
                state.sum += state.term
                state.term *= x * x / (4 * Double((order + 1) * (order + 1)))
            }.sum
        }
        let taps = (-reach...reach).map { tap in
            let x = Double.pi * Double(tap) * step
            let place = Double(tap) / Double(reach + 1)
            return (tap == 0 ? 1 : sin(x) / x) * bessel(6 * (1 - place * place).squareRoot())
        }
        let sum = taps.reduce(0, +)
        for (channel, samples) in channels.enumerated() {
            #expect(made[channel].count == 1_001)
            for (index, value) in made[channel].enumerated() {
                let expected = (-reach...reach).reduce(0.0) { total, tap in
                    let place = index * ratio + tap
                    return total + (samples.indices.contains(place) ? Double(samples[place]) * taps[tap + reach] : 0)
                }
                #expect(abs(Double(value) - expected / sum) < 2e-6, "\(channel), \(index)")
            }
        }
    }

    /// The same bits however a decoder cuts its frames.
    @Test(arguments: [2, 3, 6]) func piecesChangeNothing(ratio: Int) throws {
        let samples = [noise(30_011, seed: 3)]
        let whole = try divided(samples, by: ratio, pieces: [30_011])
        #expect(whole[0].count == (30_011 + ratio - 1) / ratio)
        for pieces in [[1, 2, 3, 5, 7], [1_152], [1_024, 17], [4_096, 4_095, 1]] {
            #expect(try divided(samples, by: ratio, pieces: pieces) == whole, "\(pieces)")
        }
    }

    @Test(arguments: [1, 2, 5, 40, 200]) func shortInputsComeOutWhole(count: Int) throws {
        let made = try divided([[Float](repeating: 0.5, count: count)], by: 3, pieces: [7])
        #expect(made[0].count == (count + 2) / 3)
        // In the middle of what is longer than the filter the level stands.
        if count == 200 { #expect(abs(made[0][33] - 0.5) < 1e-3) }
    }
}
