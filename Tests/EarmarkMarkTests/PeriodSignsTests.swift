import EarmarkMark
import EarmarkTestSupport
import Testing

/// Identity signs must look like fair coins, fresh for every client and every period: the bound rests on it.
@Suite struct PeriodSignsTests {
    /// Golden values of Vectors/generate.py.
    @Test(
        arguments: [
            (0, 0xc0e8_626b_2c61_d00e, "39fd2b7dd9c5196a"), (1, 0x8c1a_dfa7_c439_d6da, "2fa4f10250808e89"),
            (-1, 0xf3ba_6961_9d0f_51c6, "d585eee59d28ce5d"), (5_000, 0x6177_7b19_497b_7300, "af3ae637dee21939"),
            (Int64.min, 0x188b_cba0_011e_1ffe, "40c8ab8eae699fde"),
            (Int64.max, 0x0008_ca23_b6a0_15eb, "1bda84635c3e034f"),
        ] as [(Int64, UInt64, String)])
    func signsOfAKnownSeedNeverChange(period: Int64, hash: UInt64, start: String) throws {
        var bits = [UInt8](repeating: 0, count: 1_344)
        PeriodSigns(seed: try #require(Seed(bytes: Array(0..<32)))).fill(&bits, period: period)
        #expect(FNV1a.hash(bits) == hash)
        #expect(bits.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == start)
    }

    @Test func signsOfClientsAndPeriodsAreBalancedAndIndependent() {
        let rows = PeriodSignsTests.rows(clients: 12, periods: Array(-6..<14))
        let bitCount = MarkLayout.identityCellsPerPeriod
        var total = 0
        for row in rows { total += row.reduce(0) { $0 + $1.nonzeroBitCount } }
        let bits = Double(rows.count * bitCount)
        #expect(abs(Double(total) - bits / 2) < 5 * bits.squareRoot() / 2)
        // 28,680 pairs; a fair pair leaves six standard deviations once in five hundred million.
        var largest = 0
        for first in rows.indices {
            for second in 0..<first {
                var differing = 0
                for word in rows[first].indices {
                    differing += (rows[first][word] ^ rows[second][word]).nonzeroBitCount
                }
                largest = max(largest, abs(2 * differing - bitCount))
            }
        }
        #expect(Double(largest) < 6 * Double(bitCount).squareRoot())
        // Were all pairs identical or complementary in some words only, the maximum would be far too small as well.
        #expect(Double(largest) > 3 * Double(bitCount).squareRoot())
    }

    @Test func neighbouringCellsAreIndependent() {
        let rows = PeriodSignsTests.rows(clients: 20, periods: [0, 1, 2])
        for lag in [1, 8, 28, 64] {
            var agreement = 0
            var pairs = 0
            for row in rows {
                func sign(_ index: Int) -> Int { 1 - 2 * Int(row[index / 64] >> UInt64(index % 64) & 1) }
                for index in stride(from: 0, to: MarkLayout.identityCellsPerPeriod - lag, by: 1) {
                    agreement += sign(index) * sign(index + lag)
                    pairs += 1
                }
            }
            #expect(abs(Double(agreement)) < 5 * Double(pairs).squareRoot(), "lag \(lag)")
        }
    }

    private static func rows(clients: Int, periods: [Int64]) -> [[UInt64]] {
        (0..<clients).flatMap { client in
            let signs = PeriodSigns(seed: TestKeys.identity(client: client))
            return periods.map { period in
                var bytes = [UInt8](repeating: 0, count: MarkLayout.identityCellsPerPeriod / 8)
                signs.fill(&bytes, period: period)
                return stride(from: 0, to: bytes.count, by: 8).map { start in
                    (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
                }
            }
        }
    }
}
