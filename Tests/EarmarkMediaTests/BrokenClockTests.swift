import Testing

@testable import EarmarkMedia

/// Time stamps that leave a hole behind every frame: no recorder of sound does that, but one that falls silent.
@Suite struct BrokenClockTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Three seconds of a tone in MP4, its clock said to have `scale` units a second.
    private func decoded(_ options: String, scale: UInt32) throws -> (summary: DecodeSummary, channels: [[Float]]) {
        var content = try bytes(of: try folder.ffmpeg(Source.tone() + " " + options, to: "a.mp4"))
        let header = try #require(content.firstRange(of: Array("mdhd".utf8))).upperBound
        content.replaceSubrange(header + 12..<header + 16, with: FileBytes.big(scale))
        return try decode(try folder.write(content, as: "b.mp4"))
    }

    /// A frame of 21 ms each 0.43 s.
    @Test func holesBehindEveryFrameAreNone() throws {
        let found = try decoded("-c:a aac -use_editlist 0", scale: 2_400)
        #expect(abs(found.summary.seconds - 3) < 0.1)
        #expect(found.summary.warnings.contains { $0.contains("time stamps make no sense") })
        #expect(purity(found.channels[0], hertz: 440, rate: 48_000) > 0.9)
        let right = try decoded("-c:a aac", scale: 48_000)
        #expect(abs(right.summary.seconds - 3) < 0.1 && right.summary.warnings.isEmpty)
    }

    /// A frame of 20 ms each 0.4 s: so Opus keeps silence.
    @Test func codecsThatFallSilentMayHaveThem() throws {
        let found = try decoded("-c:a libopus -use_editlist 0", scale: 2_400)
        #expect(abs(found.summary.seconds - 60) < 2)
        #expect(!found.summary.warnings.contains { $0.contains("time stamps make no sense") })
    }
}
