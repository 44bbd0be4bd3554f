import Foundation
import Testing

@testable import EarmarkMedia

/// Lost packets become silence of their length, so that all that follows stays where it was.
@Suite struct LostPacketTests {
    private static let frame = 4_096
    private static let lost = 10..<13

    /// Six seconds of noise as ALAC, three packets of 4,096 samples overwritten; `scale` units of the track's clock a
    /// second.
    private func damaged(
        scale: UInt32 = 48_000, with byte: UInt8 = 0xFF, _ folder: TemporaryFolder
    ) throws -> (path: String, whole: [Float]) {
        let original = try folder.ffmpeg("-f lavfi -i anoisesrc=d=6:r=48000:a=0.3:s=5 -c:a alac", to: "a.m4a")
        let whole = try decode(original).channels[0]
        var content = try bytes(of: original)
        let table = try #require(content.firstRange(of: Array("stsz".utf8))).upperBound
        let count = Int(try #require(content.bigEndian32(at: table + 8)))
        let sizes = (0..<count).compactMap { content.bigEndian32(at: table + 12 + 4 * $0) }.map { Int($0) }
        let offsets = try #require(content.firstRange(of: Array("stco".utf8))).upperBound
        #expect(content.bigEndian32(at: offsets + 4) == 1, "all packets lie in one chunk")
        let media = Int(try #require(content.bigEndian32(at: offsets + 8)))
        for packet in Self.lost {
            let start = media + sizes[..<packet].reduce(0, +)
            for place in start..<start + sizes[packet] { content[place] = byte }
        }
        let header = try #require(content.firstRange(of: Array("mdhd".utf8))).upperBound
        #expect(content.bigEndian32(at: header + 12) == 48_000)
        content.replaceSubrange(header + 12..<header + 16, with: FileBytes.big(scale))
        return (try folder.write(content, as: "hole.m4a"), whole)
    }

    /// What should come of it if each lost packet is `length` samples of silence.
    private func expected(_ whole: [Float], length: Int) -> [Float] {
        let silence = [Float](repeating: 0, count: length * Self.lost.count)
        return whole[..<(Self.lost.lowerBound * Self.frame)] + silence + whole[(Self.lost.upperBound * Self.frame)...]
    }

    @Test func aLostPacketLastsAsLongAsItsNeighbours() throws {
        let folder = try TemporaryFolder()
        let (path, whole) = try damaged(folder)
        let (summary, channels) = try decode(path)
        #expect(summary.corruptPackets == Self.lost.count && !summary.isTruncated)
        expectSame(channels[0], expected(whole, length: Self.frame))
        #expect(summary.decodedFrames == Int64(whole.count))
    }

    /// Clocks of containers are coarse: what is within 5 % of a frame is a frame.
    @Test(arguments: [(UInt32(46_200), 4_096), (49_900, 4_096)])
    func aCoarseClockMovesNothing(scale: UInt32, length: Int) throws {
        let folder = try TemporaryFolder()
        let (path, whole) = try damaged(scale: scale, folder)
        let (summary, channels) = try decode(path)
        #expect(summary.corruptPackets == Self.lost.count)
        #expect(channels[0].count == whole.count + Self.lost.count * (length - Self.frame))
        expectSame(channels[0], expected(whole, length: length))
    }

    /// A packet that claims another length than its neighbours is believed, up to two seconds: more would let a file
    /// claim any length of recording.
    @Test(arguments: [(UInt32(45_000), 4_369), (24_000, 8_192)])
    func whatItClaimsIsBelievedUpToTwoSeconds(scale: UInt32, length: Int) throws {
        let folder = try TemporaryFolder()
        // An element for two channels, of which there is one: the decoder refuses it.
        let (path, whole) = try damaged(scale: scale, with: 0x3F, folder)
        let (summary, channels) = try decode(path)
        #expect(summary.corruptPackets == Self.lost.count)
        #expect(channels[0].count == whole.count + Self.lost.count * (length - Self.frame))
        expectSame(channels[0], expected(whole, length: length))
    }

    /// Clocks that have every packet last for seconds: silence stands for ten minutes at most.
    @Test(arguments: [UInt32(2_048), 2_047, 100, 1]) func timeStampsMakeNoHours(scale: UInt32) throws {
        let folder = try TemporaryFolder()
        let (path, whole) = try damaged(scale: scale, with: 0x3F, folder)
        let summary = try decode(path, sampleRate: 8_000).summary
        #expect(summary.corruptPackets == Self.lost.count)
        #expect(summary.seconds < Double(whole.count) / 48_000 + 607)
    }

    /// Through the process that decodes, and at the rate of analysis.
    @Test func theProcessThatDecodesSaysTheSame() throws {
        let folder = try TemporaryFolder()
        let (path, whole) = try damaged(folder)
        let recording = try RecordingDecoder(path: path, worker: try DecoderWorkerTests.worker())
        var frames = 0
        let summary = try recording.decode(track: 0, sampleRate: 16_000) { frames += $0.frameCount }
        #expect(summary.corruptPackets == Self.lost.count && !summary.isTruncated)
        #expect(abs(frames - whole.count / 3) <= 2 && summary.decodedFrames == Int64(frames))
        let cut = try bytes(of: try folder.ffmpeg(Source.tone() + " -bitexact", to: "a.wav")).dropLast(1)
        let short = try RecordingDecoder(
            path: try folder.write(Array(cut), as: "cut.wav"), worker: try DecoderWorkerTests.worker())
        #expect(try short.decode(track: 0) { _ in }.isTruncated)
        let float = try folder.ffmpeg("-f lavfi -i aevalsrc=0/0|0:d=1:s=8000 -c:a pcm_f32le", to: "nan.wav")
        let strange = try RecordingDecoder(path: float, worker: try DecoderWorkerTests.worker())
        let warnings = try strange.decode(track: 0) { _ in }.warnings
        #expect(warnings == (try decode(float).summary.warnings) && warnings.count == 1)
    }

    @Test func lossyPacketsKeepTheTime() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(seconds: 6), to: "a.m4a")
        let whole = try decode(path).summary.decodedFrames
        var content = try bytes(of: path)
        let middle = content.count * 2 / 5
        for place in middle..<middle + 4_000 { content[place] = 0xFF }
        let (summary, channels) = try decode(try folder.write(content, as: "hole.m4a"))
        #expect(summary.corruptPackets > 2)
        #expect(abs(summary.decodedFrames - whole) <= 1_024, "\(summary.decodedFrames) of \(whole)")
        let last = Array(channels[0].suffix(60_000).prefix(40_000))
        #expect(purity(last, hertz: 440, rate: 48_000) > 0.99)
    }

    @Test func theLastFrameOfARawStreamShowsACut() throws {
        let folder = try TemporaryFolder()
        let worker = try DecoderWorkerTests.worker()
        for (name, options) in [("a.mp3", " -write_xing 0 -id3v2_version 0"), ("a.aac", "")] {
            let content = try bytes(of: try folder.ffmpeg(Source.tone() + options, to: name))
            for (missing, isCut) in [(0, false), (1, true), (20, true)] {
                let path = try folder.write(Array(content.dropLast(missing)), as: "cut-" + name)
                #expect(try decode(path).summary.isTruncated == isCut, "\(name) \(missing)")
                let recording = try RecordingDecoder(path: path, worker: worker)
                #expect(try recording.decode(track: 0) { _ in }.isTruncated == isCut, "\(name) \(missing)")
            }
        }
    }
}
