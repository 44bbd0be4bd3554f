import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMark

/// Channels that hold the same samples are marked once; nobody may hear or count the difference.
@Suite struct ChannelFollowingTests {
    private static let seconds = 6

    /// Two channels that are the same for a second, differ, are silent, and are the same and differ again.
    private static func pair(rate: Int) -> (first: [Float], second: [Float]) {
        var noise = NoiseSource(seed: 71)
        let first = noise.white(seconds * rate, deviation: 0.2)
        var second = first
        var silenced = first
        for index in first.indices {
            switch index / rate {
            case 1: second[index] = noise.uniform() < 0.5 ? -first[index] : first[index] * 0.5
            case 2, 4:
                silenced[index] = 0
                second[index] = 0
            case 5: second[index] = index % rate < rate / 2 ? first[index] : 0.25 * first[index]
            default: break
            }
        }
        return (silenced, second)
    }

    @Test(arguments: [48_000, 44_100, 16_000]) func followingChangesNoBit(rate: Int) throws {
        let (first, second) = ChannelFollowingTests.pair(rate: rate)
        try expectNoDifference(first, second, rate: rate)
    }

    /// A channel that met full scale right before a pause has not all of its mark back behind it: whichever it is, it
    /// does not have the other's output then.
    @Test func aChannelThatYieldedGoesItsOwnWay() throws {
        let rate = 16_000
        var noise = NoiseSource(seed: 73)
        var calm = noise.white(2 * rate, deviation: 0.1)
        for index in rate..<rate + rate / 5 { calm[index] = 0 }
        var hot = calm
        for index in rate - 64..<rate { hot[index] = index / 4 % 2 == 0 ? 1 : -1 }
        try expectNoDifference(calm, hot, rate: rate)
        try expectNoDifference(hot, calm, rate: rate)
    }

    private func expectNoDifference(_ first: [Float], _ second: [Float], rate: Int) throws {
        // In front of them, this keeps both on their own: it never rests. It is so faint that it does not change the
        // weights.
        let faint = (0..<first.count).map { $0 % 2 == 0 ? Float(1e-10) : -1e-10 }
        var noise = NoiseSource(seed: 72)
        func marked(_ channels: [[Float]]) throws -> [[Float]] {
            let mixed = (0..<first.count).flatMap { frame in channels.map { $0[frame] } }
            let output = try Marking.mark(
                mixed, seeds: TestKeys.mark(client: 1), rate: Double(rate), channels: channels.count,
                blocks: { noise.integer(in: 1...2_000) })
            return channels.indices.map { channel in (0..<first.count).map { output[$0 * channels.count + channel] } }
        }
        let following = try marked([first, second, faint])
        let alone = try marked([faint, first, second])
        #expect(following[0] == alone[1])
        #expect(following[1] == alone[2])
        #expect(following[0] != first)
    }

    /// Words depend on the power of all channels together: of those that follow each counts as much as one that goes
    /// its own way.
    @Test(arguments: [2, 3]) func eachThatFollowsCountsForTheWords(copies: Int) throws {
        var noise = NoiseSource(seed: 73)
        let same = noise.white(48_000, deviation: 0.2)
        let other = noise.white(48_000, deviation: 0.2)
        let faint = same.indices.map { $0 % 2 == 0 ? Float(1e-10) : -1e-10 }
        func marked(_ channels: [[Float]]) throws -> [[Float]] {
            let mixed = same.indices.flatMap { frame in channels.map { $0[frame] } }
            let output = try Marking.mark(mixed, seeds: TestKeys.mark(client: 1), channels: channels.count)
            return channels.indices.map { channel in same.indices.map { output[$0 * channels.count + channel] } }
        }
        let group = Array(repeating: same, count: copies) + [other]
        let following = try marked(group + [faint])
        // Behind another first channel nobody follows.
        let alone = try marked([faint] + group)
        #expect(Array(following.dropLast()) == Array(alone.dropFirst()))
        #expect(following[0] != same && following[copies] != other)
    }

    @Test func channelsFollowWhileTheyAreTheSame() {
        let rate = 48_000
        let (first, second) = ChannelFollowingTests.pair(rate: rate)
        var engine = MarkEngine(
            seeds: TestKeys.mark(client: 1), sampleRate: Double(rate), channels: 2, strength: .standard)
        var states: [Bool] = []
        for turn in 0..<ChannelFollowingTests.seconds {
            var block = (turn * rate..<(turn + 1) * rate).flatMap { [first[$0], second[$0]] }
            block.withUnsafeMutableBufferPointer { engine.process(interleaved: $0, frames: rate) }
            states.append(engine.follows[1])
        }
        #expect(states == [true, false, true, true, true, false])
    }
}
