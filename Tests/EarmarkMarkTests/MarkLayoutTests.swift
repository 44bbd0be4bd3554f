import EarmarkMark
import EarmarkTestSupport
import Testing

@Suite struct MarkLayoutTests {
    @Test func rolesFillThePlane() {
        #expect(
            MarkLayout.pilotCellsPerPeriod + MarkLayout.timelineCellsPerPeriod + MarkLayout.identityCellsPerPeriod
                + MarkLayout.contentCellsPerPeriod == MarkLayout.cellsPerPeriod)
        // Signs are packed eight to a byte.
        #expect(MarkLayout.pilotCellsPerPeriod % 8 == 0)
        #expect(MarkLayout.timelineCellsPerPeriod % 8 == 0)
        #expect(MarkLayout.identityCellsPerPeriod % 8 == 0)
    }

    @Test func noBandPassesTheUsableShareOfTheRate() {
        for rate in stride(from: 8_000.0, through: 48_000, by: 250) {
            let dipoles = MarkLayout.usableDipoles(sampleRate: rate)
            #expect(dipoles > 0 && dipoles <= MarkLayout.dipoleCount)
            #expect(MarkLayout.lowerEdge(ofBand: 2 * dipoles) <= MarkLayout.usableShareOfRate * rate)
            if dipoles < MarkLayout.dipoleCount {
                #expect(MarkLayout.lowerEdge(ofBand: 2 * dipoles + 2) > MarkLayout.usableShareOfRate * rate)
            }
        }
        #expect(MarkLayout.usableDipoles(sampleRate: 100) == 0)
        #expect(MarkLayout.usableDipoles(sampleRate: 16_000) == MarkLayout.dipoleCount)
    }

    @Test func floorDivisionRoundsDown() {
        for value in -600...600 as ClosedRange<Int64> {
            let quotient = floorDivide(value, 256)
            #expect(quotient * 256 <= value && value < (quotient + 1) * 256)
        }
    }

    @Test func seedsTakeExactly32BytesAndNeverPrintThem() {
        #expect(Seed(bytes: .init(repeating: 1, count: 31)) == nil)
        #expect(Seed(bytes: .init(repeating: 1, count: 33)) == nil)
        #expect(Seed(bytes: []) == nil)
        let seeds = TestKeys.mark(client: 3)
        let bytes = seeds.identity.bytes.prefix(4).map(String.init).joined(separator: ", ")
        for text in ["\(seeds.identity)", String(reflecting: seeds.identity), "\(seeds)", String(reflecting: seeds)] {
            #expect(!text.contains(bytes), "\(text)")
        }
    }
}
