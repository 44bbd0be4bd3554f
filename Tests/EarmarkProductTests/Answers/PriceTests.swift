import Foundation
import Testing

/// docs/statistics.md, section 4: what is tried is paid for, in `tested` and in every bound.
@Suite struct PriceTests {
    /// A strong pilot, by a client that this store does not know, and a weak mark of Bela's: the likeliest alignment is
    /// the right one, and the bound is far from 1e-77.
    private func weakMark(_ mixes: Mixes) -> [Float] { mixes.mix([(1, .stranger), (0.2, .bela)]) }

    private func expect(
        _ printed: Printed, _ price: Price, effort: String = "normal", times: Int?, placements: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try printed.answer
        let differences = price.differences(
            from: answer["tested"], effort: effort, times: times, placements: placements)
        #expect(differences.isEmpty, sourceLocation: sourceLocation)
        let source = answer["sources"][0]
        #expect(source["email"].string == "bela@example.org", sourceLocation: sourceLocation)
        let z = try #require(source["z"].double, sourceLocation: sourceLocation)
        let bound = try #require(source["log10FalseAccusation"].double, sourceLocation: sourceLocation)
        #expect(bound > -77 && price.isBound(bound, of: z), "\(bound) for \(z)", sourceLocation: sourceLocation)
    }

    /// A mono file: its sum, and one warp at `normal`, none at `fast`, four at `exhaustive`; α is divided by 2, 1, 3.
    @Test func everyEffortHasItsPrice() throws {
        let mixes = try Mixes.shared()
        let file = try mixes.write(weakMark(mixes), to: "mono.wav")
        try expect(try mixes.analyse(file), Price(channels: 2), times: 2 * 128)
        try expect(
            try mixes.analyse(file, "--effort", "fast"), Price(channels: 1, alignments: 4, shares: 1), effort: "fast",
            times: nil)
        // A quarter of an hour before the meeting to half an hour after its two hours, in periods of 16.384 s (section
        // 4a).
        let first = (-900 / 16.384).rounded(.down)
        let periods = Int(((7_200 + 1_800) / 16.384).rounded(.up) - first)
        try expect(
            try mixes.analyse(file, "--effort", "exhaustive"), Price(channels: 5, alignments: 39, shares: 3),
            effort: "exhaustive", times: 5 * 512, placements: periods * 1_024)
    }

    /// Stereo: channels that differ are examined one by one beside their sum, and paid for; equal ones are not, nor
    /// with `fast`.
    @Test func channelsThatDifferArePaidFor() throws {
        let mixes = try Mixes.shared()
        let left = weakMark(mixes)
        let right = Array(mixes.mix([]).reversed())
        let different = try mixes.write(left, right, to: "different.wav")
        try expect(try mixes.analyse(different), Price(channels: 1 + 2 + 1), times: 4 * 128)
        let fast = try mixes.analyse(different, "--effort", "fast").answer
        let cheap = Price(channels: 1, alignments: 4, shares: 1)
        #expect(cheap.differences(from: fast["tested"], effort: "fast", times: nil).isEmpty)
        let equal = try mixes.write(left, left, to: "equal.wav")
        try expect(try mixes.analyse(equal), Price(channels: 2), times: 2 * 128)
    }

    /// Several tracks: every channel and sum of each, and the warps of each, whether they are worth a look or not.
    @Test func tracksArePaidFor() throws {
        let mixes = try Mixes.shared()
        try mixes.write(weakMark(mixes), to: "track.wav")
        try mixes.place.ffmpeg(
            [
                "-i", mixes.place.file("track.wav"), "-i", mixes.board.host, "-map", "0", "-map", "1", "-c:a",
                "pcm_s16le", "-ac:a:1", "2",
            ], to: "tracks.mov")
        try expect(try mixes.analyse("tracks.mov"), Price(channels: 1 + 3 + 2), times: 6 * 128)
        let copies = try mixes.analyse("tracks.mov", "--reference", mixes.board.host).answer
        #expect(Price(channels: 1 + 3 + 2 + 2).differences(from: copies["tested"], times: 8 * 128).isEmpty)
        #expect(copies["file"]["tracks"].array.map { $0["index"].int } == [0, 1])
        #expect(copies["file"]["tracks"].array.map { $0["channels"].int } == [1, 2])
    }

    /// A reference is one more channel (section 5b).
    @Test func theReferenceIsPaidFor() throws {
        let mixes = try Mixes.shared()
        let file = try mixes.write(mixes.mix([(0.3, .bela)]), to: "helped.wav")
        let answer = try mixes.analyse(file, "--reference", mixes.board.host, "--effort", "fast").answer
        let price = Price(channels: 2, alignments: 4, shares: 1)
        #expect(price.differences(from: answer["tested"], effort: "fast", times: nil).isEmpty)
        #expect(answer["sources"].emails == ["bela@example.org"])
    }

    /// Section 7: presence is paid for, too, so more that is tried leaves less of it, by just that.
    @Test func presenceIsPaidFor() throws {
        let mixes = try Mixes.shared()
        let file = try mixes.write(mixes.mix([(0.25, .stranger)]), to: "presence.wav")
        let fast = try mixes.analyse(file, "--effort", "fast").answer
        let normal = try mixes.analyse(file).answer
        let cost = try #require(normal["pilot"]["log10FalsePresence"].double)
        let saved = try #require(fast["pilot"]["log10FalsePresence"].double)
        #expect(saved < 0 && cost > -77)
        // H is 4 and 42.
        #expect(cost - saved < log10(42.0 / 4) + 1e-6)
        #expect(normal["verdict"].string == (cost <= -9 ? "inconclusive" : "not-found"))
    }
}
