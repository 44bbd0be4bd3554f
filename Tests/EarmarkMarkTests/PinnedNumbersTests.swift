import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// The numbers of docs/signal-design.md, "Layout": a detector of an earlier version must find what this one marks.
@Suite struct PinnedNumbersTests {
    @Test func thePlaneHasTheDocumentedShape() {
        #expect(MarkLayout.bandCount == 56 && MarkLayout.dipoleCount == 28)
        #expect(MarkLayout.lowestFrequency == 250 && MarkLayout.bandWidth == 125)
        #expect(MarkLayout.chipSeconds == 0.064 && MarkLayout.chipsPerPeriod == 256)
        #expect(abs(MarkLayout.periodSeconds - 16.384) < 1e-9)
        #expect(MarkLayout.cellsPerPeriod == 7_168)
        #expect(MarkLayout.chipsPerGroup == 8)
        // Of eight chips two are the pilot's, one the timeline's and five the client's, of which one is content.
        #expect(MarkLayout.pilotCellsPerPeriod == 1_792)
        #expect(MarkLayout.timelineCellsPerPeriod == 896)
        #expect(MarkLayout.identityCellsPerPeriod == 3_584)
        #expect(MarkLayout.contentCellsPerPeriod == 896 && MarkLayout.ownBytesPerPeriod == 448 + 896)
        #expect(MarkLayout.lowerEdge(ofBand: 0) == 250 && MarkLayout.lowerEdge(ofBand: 56) == 7_250)
        #expect(MarkLayout.centre(ofBand: 6) == 1_062.5)
    }

    /// Whole dipoles below 0.49 of the rate: (0.49 × rate − 250) / 250, rounded down, at most 28.
    @Test(arguments: [
        (8_000.0, 14), (11_025, 20), (12_000, 22), (14_795, 27), (14_796, 28), (16_000, 28), (48_000, 28),
        (192_000, 28),
    ])
    func dipolesBelowTheLimitAreUsed(rate: Double, dipoles: Int) {
        #expect(MarkLayout.usableDipoles(sampleRate: rate) == dipoles)
    }

    /// The row "dial".
    @Test func theDialHasThreePositions() {
        #expect(Strength.transparent.dial == 0.4)
        #expect(Strength.standard.dial == 1.1)
        #expect(Strength.robust.dial == 1.6)
        #expect(Strength.allCases.map(\.rawValue) == ["transparent", "standard", "robust"])
        #expect(Embedder.Parameters(sampleRate: 48_000, channels: 1).strength == .standard)
    }

    /// Depths, and what was measured on marks of such depths, go by number; the number of what is marked now is 2.
    @Test func thereIsOneProfile() {
        #expect(MarkProfile.allCases.map(\.rawValue) == [2] && MarkProfile.inForce == .contentBound)
        for band in 0..<56 {
            #expect(Strength.robust.depth(ofBand: band) == Strength.robust.depth(ofBand: band, profile: .contentBound))
        }
    }

    /// The row "depth of a band at dial 1", at the first and last band of every range.
    @Test(arguments: [
        (0, 0.2), (3, 0.2), (4, 0.9), (5, 0.9), (6, 1.1), (13, 1.1), (14, 1.5), (29, 1.5), (30, 1.3), (55, 1.3),
    ])
    func depthsAreTheDocumentedOnes(band: Int, decibels: Double) {
        #expect(abs(Strength.standard.depth(ofBand: band) - 1.1 * decibels) < 1e-9)
        #expect(abs(Strength.transparent.depth(ofBand: band) - 0.4 * decibels) < 1e-9)
        #expect(abs(Strength.robust.depth(ofBand: band) - 1.6 * decibels) < 1e-9)
    }

    /// docs/signal-design.md, "Embedder": 8,000 to 192,000 Hz, 1 to 8 channels, the ends included.
    @Test func theLimitsThemselvesCanBeMarked() {
        for (rate, channels) in [(8_000.0, 1), (8_000, 8), (192_000, 1), (192_000, 8)] {
            let made = Embedder(
                seeds: TestKeys.mark(client: 1), parameters: .init(sampleRate: rate, channels: channels))
            if made == nil { Issue.record("refused \(rate) Hz and \(channels) channels") }
        }
    }

    /// docs/signal-design.md, "Cost": from 44.1 kHz on a half, a quarter or an eighth of the rate.
    @Test(arguments: [
        (16_000.0, 1, 0), (44_099, 1, 0), (44_100, 2, 10), (48_000, 2, 10), (88_200, 4, 22), (96_000, 4, 22),
        (176_400, 8, 46), (192_000, 8, 46),
    ])
    func theResonatorsRunAtAPartOfTheRate(rate: Double, factor: Int, delay: Int) {
        let change = RateChange(sampleRate: rate)
        #expect(change.factor == factor)
        #expect(change.delay == delay)
        // A level that does not change passes both ways unchanged.
        #expect(abs(change.taps.reduce(0, +) - 1) < 1e-12)
    }
}
