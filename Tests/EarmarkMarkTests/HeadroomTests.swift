import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// docs/signal-design.md, "Embedder": the mark yields to full scale at once and comes back over 50 ms.
@Suite struct HeadroomTests {
    /// A tone with a burst at full scale from 0.3 s on, 64 frames long.
    private static let host: [Float] = {
        var host = GainProbe.tones([1_062.5], seconds: 1.5, rate: 16_000) { _ in 0.2 }
        for index in 4_800..<4_864 { host[index] = index / 4 % 2 == 0 ? 1 : -1 }
        return host
    }()

    /// The same at half the level meets no full scale, and its mark is half of what this one's would be.
    private static func share(at seconds: [Double], _ strength: Strength) throws -> [Double] {
        let seeds = TestKeys.mark(client: 2)
        let limited = try Marking.mark(host, seeds: seeds, strength: strength)
        let half = host.map { 0.5 * $0 }
        let free = try Marking.mark(half, seeds: seeds, strength: strength)
        #expect(limited.allSatisfy { abs($0) <= 1 })
        let first = GainProbe(host: host, marked: limited, rate: 16_000)
        let second = GainProbe(host: half, marked: free, rate: 16_000)
        return seconds.map { first.gain(at: 0.304 + $0) / second.gain(at: 0.304 + $0) }
    }

    @Test(arguments: Strength.allCases)
    func theMarkComesBackAfterFullScale(strength: Strength) throws {
        // 1 − exp(−t / 50 ms) after t; before the burst all of the mark is there, and in the end, too.
        let shares = try HeadroomTests.share(at: [-0.1, 0.025, 0.05, 0.1, 0.15, 0.45, 1], strength)
        let expected = [1, 0.393, 0.632, 0.865, 0.950, 1, 1]
        for (share, wanted) in zip(shares, expected) { #expect(abs(share - wanted) < 0.03) }
        #expect(abs(shares[6] - 1) < 0.002)
    }

    /// Of a sample beyond full scale, a mark that lowers it stays, and nothing yields for it; one that would push it
    /// further yields at once.
    @Test(arguments: [false, true])
    func onlyWhatIsPushedFurtherMakesTheMarkYield(pushes: Bool) throws {
        let seeds = TestKeys.mark(client: 2)
        let quiet = GainProbe.tones([1_062.5], seconds: 0.4, rate: 16_000) { _ in 0.2 }
        let plain = try Marking.mark(quiet, seeds: seeds)
        var signs: Set<FloatingPointSign> = []
        for place in stride(from: 3_200, to: 5_200, by: 101) {
            let mark = plain[place] - quiet[place]
            // A click is answered from the next frame on, so the mark of its own frame is that of the tone.
            guard abs(mark) > 0.005 else { continue }
            var host = quiet
            host[place] = (mark > 0) == pushes ? 1.5 : -1.5
            signs.insert(host[place].sign)
            let half = host.map { 0.5 * $0 }
            let marked = try Marking.mark(host, seeds: seeds)
            let free = try Marking.mark(half, seeds: seeds)
            #expect((free[place] - half[place]).sign == mark.sign)
            func isWhole(_ index: Int) -> Bool {
                abs((marked[index] - host[index]) - 2 * (free[index] - half[index])) < 1e-5
            }
            #expect(marked[place] == host[place] ? pushes : isWhole(place) && !pushes, "\(place)")
            // Half a chip later the mark would be back, but not a millisecond later.
            let after = place + 1..<place + 80
            #expect(after.allSatisfy(isWhole) == !pushes, "\(place)")
        }
        #expect(signs.count == 2)
    }

    /// Full scale itself may be met: only a sum beyond it makes the mark yield.
    @Test func aSignalJustBelowFullScaleKeepsItsMark() throws {
        let seeds = TestKeys.mark(client: 2)
        // The mark of a tone is less than a third of it.
        let host = GainProbe.tones([1_062.5], seconds: 1, rate: 16_000) { _ in 0.75 }
        let half = host.map { 0.5 * $0 }
        let marked = try Marking.mark(host, seeds: seeds)
        let free = try Marking.mark(half, seeds: seeds)
        for index in host.indices where abs(host[index]) > 0.01 {
            #expect(abs((marked[index] - host[index]) - 2 * (free[index] - half[index])) < 1e-5)
        }
    }
}
