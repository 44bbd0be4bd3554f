import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMark

/// What the mark really does to the spectrum: measured by impulses, against the wanted pattern.
///
/// Within the flat part of a chip the embedder is a fixed filter. The difference between quiet noise with and without
/// an impulse there is that filter's impulse response; its spectrum is the gain pattern, exactly.
@Suite struct EmbedderDepthTests {
    private static let chips = 48
    /// From the beginning of a chip to its impulse, seconds: past the edge.
    private static let delay = 0.020_625
    /// Response that is looked at, seconds: to the next edge.
    ///
    /// The filters have decayed by 35 dB.
    private static let length = 0.02

    /// 48 kHz and more take their mark through a change of rate.
    @Test(arguments: [
        (16_000.0, Strength.transparent), (16_000, .standard), (16_000, .robust), (48_000, .standard),
        (96_000, .standard),
    ])
    func gainPatternProjectsOntoTheWantedDepth(rate: Double, strength: Strength) throws {
        let seeds = TestKeys.mark(client: 4)
        let gains = try EmbedderDepthTests.gains(seeds, rate: rate, strength: strength)
        let plane = SignOracle.plane(seeds, period: 0)
        let plan = CellPlan(pilotSeed: seeds.shared.pilot)
        var projections: [CellRole: Double] = [:]
        var energies: [CellRole: Double] = [:]
        for (chip, bands) in gains.enumerated() {
            for (band, gain) in bands.enumerated() {
                let cell = chip * MarkLayout.dipoleCount + band / 2
                // Which sign a content cell has is the host's matter.
                if plan.roles[cell] == .content { continue }
                let wanted = Double(plane[cell]) * (band % 2 == 0 ? 1 : -1) * strength.depth(ofBand: band)
                projections[plan.roles[cell], default: 0] += wanted * gain
                energies[plan.roles[cell], default: 0] += wanted * wanted
            }
        }
        let all = projections.values.reduce(0, +) / energies.values.reduce(0, +)
        #expect(abs(all - 1) < 0.1)
        // Pilot, timeline and identity cells are all played as the detector will look for them.
        for role in [CellRole.pilot, .timeline, .identity] {
            let share = try #require(projections[role]) / #require(energies[role])
            #expect(abs(share - 1) < 0.15, "\(role)")
        }
    }

    @Test func patternsOfTwoClientsDifferInTheirOwnCellsAlone() throws {
        let one = try EmbedderDepthTests.gains(TestKeys.mark(client: 4), strength: .standard)
        let two = try EmbedderDepthTests.gains(TestKeys.mark(client: 5), strength: .standard)
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        var agreement: [CellRole: (same: Int, all: Int)] = [:]
        for chip in 0..<EmbedderDepthTests.chips {
            for dipole in 0..<MarkLayout.dipoleCount {
                let role = plan.roles[chip * MarkLayout.dipoleCount + dipole]
                func raised(_ bands: [Double]) -> Bool { bands[2 * dipole] > bands[2 * dipole + 1] }
                agreement[role, default: (0, 0)].all += 1
                if raised(one[chip]) == raised(two[chip]) { agreement[role, default: (0, 0)].same += 1 }
            }
        }
        for role in [CellRole.pilot, .timeline] {
            let count = try #require(agreement[role])
            #expect(Double(count.same) > 0.98 * Double(count.all), "\(role)")
        }
        let identity = try #require(agreement[.identity])
        #expect(abs(Double(identity.same) / Double(identity.all) - 0.5) < 0.1)
    }

    /// Gain in decibels by chip and band, averaged over the frequencies of each band.
    private static func gains(_ seeds: MarkSeeds, rate: Double = 16_000, strength: Strength) throws -> [[Double]] {
        let chipLength = Int(MarkLayout.chipSeconds * rate)
        let delay = Int(EmbedderDepthTests.delay * rate)
        let length = Int(EmbedderDepthTests.length * rate)
        var noise = NoiseSource(seed: 31)
        // Loud enough that the host's weights stay at their full value with and without the impulses.
        let host = noise.white((chips + 1) * chipLength, deviation: 0.02)
        var struck = host
        for chip in 0..<chips { struck[chip * chipLength + delay] += 0.5 }
        let plain = try Marking.mark(host, seeds: seeds, rate: rate, strength: strength)
        let rung = try Marking.mark(struck, seeds: seeds, rate: rate, strength: strength)
        return (0..<chips).map { chip in
            let start = chip * chipLength + delay
            let response = (0..<length).map { Double(rung[start + $0] - plain[start + $0]) / 0.5 }
            return (0..<MarkLayout.bandCount).map { bandGain(response, $0, rate) }
        }
    }

    private static func bandGain(_ response: [Double], _ band: Int, _ rate: Double) -> Double {
        let points = 6
        let sum = (0..<points).reduce(0.0) { sum, point in
            let share = (Double(point) + 0.5) / Double(points)
            let angle = 2 * Double.pi * (MarkLayout.lowerEdge(ofBand: band) + share * MarkLayout.bandWidth) / rate
            var re = 0.0
            var im = 0.0
            for (index, value) in response.enumerated() {
                re += value * cos(angle * Double(index))
                im -= value * sin(angle * Double(index))
            }
            return sum + 10 * log10(re * re + im * im)
        }
        return sum / Double(points)
    }
}
