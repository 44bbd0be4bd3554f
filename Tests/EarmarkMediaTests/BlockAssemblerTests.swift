import Foundation
import Testing

@testable import EarmarkMedia

/// Pieces of any length become long blocks, at one rate, with nothing lost between them.
@Suite struct BlockAssemblerTests {
    /// Collects blocks.
    private final class Taken {
        var channels: [[Float]]
        var lengths: [Int] = []

        init(_ count: Int) { channels = .init(repeating: [], count: count) }

        func take(_ block: borrowing PlanarBlock) {
            for channel in 0..<block.channelCount { channels[channel] += block[channel: channel] }
            lengths.append(block.frameCount)
        }
    }

    private func append(
        _ channels: [[Float]], to assembler: inout BlockAssembler, _ taken: Taken
    ) throws {
        let storage = channels.map { samples in
            let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: samples.count)
            _ = copy.initialize(from: samples)
            return copy
        }
        defer { for copy in storage { copy.deallocate() } }
        let planes = storage.compactMap { $0.baseAddress.map { UnsafePointer($0) } }
        try assembler.append(planes, to: channels[0].count) { taken.take($0) }
    }

    @Test func piecesOfAnyLengthComeOutInOrder() throws {
        let taken = Taken(2)
        var assembler = BlockAssembler(channels: 2, outputRate: 16_000)
        #expect(try assembler.setInputRate(16_000) { taken.take($0) })
        var expected: [[Float]] = [[], []]
        var next: Float = 1
        for count in [1, 5_000, 16_384, 3, 40_000, 4_096, 12_288, 7] {
            let piece = (0..<count).map { next + Float($0) }
            next += Float(count)
            try append([piece, piece.map { -$0 }], to: &assembler, taken)
            expected[0] += piece
            expected[1] += piece.map { -$0 }
        }
        try assembler.finish { taken.take($0) }
        expectSame(taken.channels[0], expected[0])
        expectSame(taken.channels[1], expected[1])
        #expect(assembler.deliveredFrames == Int64(expected[0].count))
        #expect(taken.lengths.allSatisfy { $0 > 0 && $0 <= 16_384 })
        #expect(taken.lengths.dropLast().allSatisfy { $0 > 12_000 }, "blocks are long")
    }

    @Test(arguments: [1, 4_096, 4_097, 50_000]) func silenceHasItsLength(count: Int) throws {
        let taken = Taken(3)
        var assembler = BlockAssembler(channels: 3, outputRate: 8_000)
        _ = try assembler.setInputRate(8_000) { taken.take($0) }
        try append([[1, 2], [3, 4], [5, 6]], to: &assembler, taken)
        try assembler.appendSilence(count) { taken.take($0) }
        try append([[7], [8], [9]], to: &assembler, taken)
        try assembler.finish { taken.take($0) }
        let zeros = [Float](repeating: 0, count: count)
        #expect(taken.channels == [[1, 2] + zeros + [7], [3, 4] + zeros + [8], [5, 6] + zeros + [9]])
    }

    /// A second of tone, one of silence and one of tone, each at a rate of its own.
    @Test func timeIsKeptWhereTheRateChanges() throws {
        let taken = Taken(1)
        var assembler = BlockAssembler(channels: 1, outputRate: 16_000)
        for (rate, isSilent) in [(48_000, false), (44_100, true), (8_000, false), (16_000, true), (96_000, false)] {
            #expect(try assembler.setInputRate(rate) { taken.take($0) })
            if isSilent {
                try assembler.appendSilence(rate) { taken.take($0) }
            } else {
                let tone = (0..<rate).map { Float(sin(2 * Double.pi * 1_000 * Double($0) / Double(rate))) }
                try append([tone], to: &assembler, taken)
            }
        }
        try assembler.finish { taken.take($0) }
        let samples = taken.channels[0]
        #expect(abs(samples.count - 5 * 16_000) <= 5)
        #expect(assembler.deliveredFrames == Int64(samples.count))
        for second in 0..<5 {
            let middle = samples[(second * 16_000 + 500)..<(second * 16_000 + 15_500)]
            let level = rms(middle)
            if second.isMultiple(of: 2) {
                #expect(abs(level - 0.5.squareRoot()) < 0.01, "second \(second): \(level)")
                #expect(purity(Array(middle), hertz: 1_000, rate: 16_000) > 0.999)
            } else {
                #expect(level < 1e-6, "second \(second): \(level)")
            }
        }
        #expect(try !assembler.setInputRate(0) { _ in })
    }
}
