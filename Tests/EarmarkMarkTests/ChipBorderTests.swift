import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMark

/// docs/signal-design.md, "Layout": where a chip begins and ends at a given meeting time, seen in the marked sound.
///
/// A tone at the centre of a dipole's upper-numbered even band shows the gain of that dipole as its own level.
@Suite struct ChipBorderTests {
    private static let dipole = 3
    /// Centre of band 6: 250 Hz + 6.5 × 125 Hz.
    private static let frequency = 1_062.5
    private static let chip = 0.064

    private static func sign(_ seeds: MarkSeeds, _ chip: Int64) -> Float { SignOracle.row(seeds, chip: chip)[dipole] }

    private static func tone(seconds: Double, rate: Double) -> [Float] {
        GainProbe.tones([frequency], seconds: seconds, rate: rate) { _ in 0.1 }
    }

    /// Signs in the middle of chips, and the way of the gain over every border where the sign changes.
    private static func check(_ probe: GainProbe, from start: Double, _ seeds: MarkSeeds, after: Double = 0.05) {
        let seconds = Double(probe.host.count) / probe.rate
        var chipNumber = Int64(((start + after) / chip).rounded(.up))
        var previous: (sign: Float, gain: Double)?
        var borders = 0
        let plan = CellPlan(pilotSeed: seeds.shared.pilot)
        while (Double(chipNumber) + 1) * chip < start + seconds {
            defer { chipNumber += 1 }
            let cell = Int(chipNumber - floorDivide(chipNumber, 256) * 256) * MarkLayout.dipoleCount + dipole
            // Which sign a content cell has is the host's matter.
            if plan.roles[cell] == .content {
                previous = nil
                continue
            }
            let border = Double(chipNumber) * chip - start
            let gain = probe.gain(at: border + chip / 2)
            let sign = sign(seeds, chipNumber)
            #expect(gain * Double(sign) > 0.03, "chip \(chipNumber)")
            if let previous, previous.sign != sign {
                borders += 1
                // A raised cosine over 60 % of a chip: half-way at the border, 14.6 % a quarter before, done 30 % away.
                for (place, share) in [(-0.3, 0.0), (-0.15, 0.1464), (0, 0.5), (0.15, 0.8536), (0.3, 1)] {
                    let expected = previous.gain + share * (gain - previous.gain)
                    let found = probe.gain(at: border + place * chip)
                    #expect(
                        abs(found - expected) < 0.04 * abs(gain - previous.gain), "chip \(chipNumber), \(place)")
                }
            }
            previous = (sign, gain)
        }
        #expect(borders >= 2)
    }

    /// Before the meeting, over its beginning, over the borders of its first periods and of a late one.
    @Test(arguments: [-16.884, -0.5, 15.9, 32.3, 1_637.7, 86_399.5])
    func chipsLieWhereTheMeetingTimeSays(start: Double) throws {
        let seeds = TestKeys.mark(client: 9)
        for rate in [16_000.0, 44_100, 48_000] {
            let host = ChipBorderTests.tone(seconds: 1.3, rate: rate)
            let marked = try Marking.mark(host, seeds: seeds, rate: rate, at: start)
            ChipBorderTests.check(GainProbe(host: host, marked: marked, rate: rate), from: start, seeds)
        }
    }

    /// CEarmark/earmark.h, `earmark_set_time`: the next frame is played at that time, whatever came before.
    @Test(arguments: [1_000.0, -3.2, 16.0])
    func aNewPositionCountsFromTheNextFrame(position: Double) throws {
        let seeds = TestKeys.mark(client: 9)
        let host = ChipBorderTests.tone(seconds: 1.7, rate: 16_000)
        guard
            var embedder = Embedder(seeds: seeds, parameters: .init(sampleRate: 16_000, channels: 1))
        else { throw Marking.Refused() }
        embedder.setTime(7.7)
        var marked = host
        marked.withUnsafeMutableBufferPointer { buffer in
            embedder.process(interleaved: .init(rebasing: buffer[..<6_401]), frames: 6_401)
            embedder.setTime(position)
            embedder.process(interleaved: .init(rebasing: buffer[6_401...]), frames: host.count - 6_401)
        }
        let later = GainProbe(host: Array(host[6_401...]), marked: Array(marked[6_401...]), rate: 16_000)
        ChipBorderTests.check(later, from: position, seeds, after: 0.01)
        #expect(abs(embedder.time - (position + Double(host.count - 6_401) / 16_000)) < 1e-6)
    }
}
