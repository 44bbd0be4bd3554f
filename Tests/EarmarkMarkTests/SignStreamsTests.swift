import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// Signs of many identities at once must be those that each identity's embedder drew.
@Suite struct SignStreamsTests {
    private static let stride = MarkLayout.identityCellsPerPeriod / 8

    @Test(arguments: Embedder.Instructions.allCases, [1, 7, 8, 9, 16, 1_001])
    func everyRowIsTheIdentitysOwnStream(instructions: Embedder.Instructions, count: Int) {
        // On a processor without the wider set both cases run the same code.
        let usable = instructions == .v3 ? Embedder.Instructions.best : instructions
        let seeds = (0..<count).map { TestKeys.seed(UInt64(1_000 + $0)) }
        let streams = SignStreams(seeds: seeds, instructions: usable)
        #expect(streams.rows >= count && streams.rows < count + 8)
        var bits = [UInt8](repeating: 0xa5, count: streams.rows * SignStreamsTests.stride)
        for period: Int64 in [0, -1, 5_599, 1 << 32, Int64.min] {
            streams.fill(&bits, stride: SignStreamsTests.stride, period: period)
            var wanted = [UInt8](repeating: 0, count: SignStreamsTests.stride)
            for row in [0, count / 2, count - 1] {
                PeriodSigns(seed: seeds[row]).fill(&wanted, period: period)
                #expect(Array(bits[row * SignStreamsTests.stride..<(row + 1) * SignStreamsTests.stride]) == wanted)
            }
        }
    }

    @Test(arguments: Embedder.Instructions.allCases, [16, 48, 64, 80, 112, 128, 560])
    func nothingIsWrittenBeyondARow(instructions: Embedder.Instructions, stride: Int) {
        let usable = instructions == .v3 ? Embedder.Instructions.best : instructions
        let seeds = (0..<3).map { TestKeys.seed(UInt64($0)) }
        let streams = SignStreams(seeds: seeds, instructions: usable)
        var bits = [UInt8](repeating: 0xa5, count: streams.rows * stride + 64)
        streams.fill(&bits, stride: stride, period: 3)
        for row in 0..<3 {
            #expect(
                Array(bits[row * stride..<(row + 1) * stride])
                    == ScalarChaCha.keystream(seeds[row], nonce: 3, count: stride))
        }
        #expect(bits.suffix(64).allSatisfy { $0 == 0xa5 })
    }

    @Test func noIdentitiesNeedNoRoom() {
        var bits: [UInt8] = []
        SignStreams(seeds: []).fill(&bits, stride: 560, period: 0)
        #expect(bits.isEmpty)
    }
}
