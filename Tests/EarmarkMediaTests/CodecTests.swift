import Foundation
import Testing

@testable import EarmarkMedia

/// Codecs that no packaged encoder writes, from files that say so of what one writes.
@Suite struct CodecTests {
    /// A tone as AAC-LC at 24 kHz, mono, with its AudioSpecificConfig (five bytes) replaced.
    private func configured(_ configuration: [UInt8], _ folder: TemporaryFolder) throws -> String {
        let plain = try folder.ffmpeg(Source.tone(seconds: 4, rate: 24_000) + " -ac 1 -c:a aac -b:a 64k", to: "lc.m4a")
        var content = try bytes(of: plain)
        let place = try #require(content.firstRange(of: [0x13, 0x08, 0x56, 0xE5, 0x00]))
        content.replaceSubrange(place, with: configuration)
        return try folder.write(content, as: "said.m4a")
    }

    /// HE-AAC, signalled in the way that older decoders pass over, and in the way that they refuse (ISO 14496-3,
    /// 1.6.5): the core alone is in the file, the rate is the doubled one, and the tone stays where it is.
    @Test(arguments: [[0x13, 0x08, 0x56, 0xE5, 0x98], [0x2B, 0x09, 0x88, 0x00, 0x00]] as [[UInt8]])
    func spectralBandReplicationOverLC(configuration: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let path = try configured(configuration, folder)
        let track = try RecordingDecoder(path: path).tracks[0]
        #expect(track.sampleRate == 48_000 && track.codec == "aac")
        let (summary, channels) = try decode(path, sampleRate: 16_000)
        #expect(abs(summary.seconds - 4) < 0.2 && summary.corruptPackets == 0 && summary.warnings.isEmpty)
        #expect(abs(summary.places.shownLength(of: summary.seconds) - summary.seconds) < 0.1)
        #expect(purity(Array(channels[0][16_000..<48_000]), hertz: 440, rate: 16_000) > 0.98)
    }

    /// HE-AAC v2: parametric stereo beside it.
    @Test func parametricStereoOverLC() throws {
        let folder = try TemporaryFolder()
        // Object type 29, 24 kHz, mono, 48 kHz, object type 2.
        let (summary, channels) = try decode(
            try configured([0xEB, 0x09, 0x88, 0x00, 0x00], folder), sampleRate: 16_000)
        #expect(abs(summary.seconds - 4) < 0.2 && summary.corruptPackets == 0)
        #expect(channels.allSatisfy { purity(Array($0[16_000..<48_000]), hertz: 440, rate: 16_000) > 0.98 })
    }

    /// What is missing is named, and is no damage.
    @Test(
        arguments: [([0xF9, 0x46, 0x40, 0x20, 0x08], "xHE-AAC"), ([0x33, 0x08, 0, 0, 0], "AAC Scalable")]
            as [([UInt8], String)])
    func missingCodecsAreNamed(configuration: [UInt8], name: String) throws {
        let folder = try TemporaryFolder()
        let path = try configured(configuration, folder)
        for worker in [nil, try DecoderWorkerTests.worker()] {
            let error = failure { _ = try RecordingDecoder(path: path, worker: worker) }
            #expect(error?.code == .unsupportedSampleFormat && error?.message.contains("its audio is \(name)") == true)
        }
    }

    /// A phone that sends nothing while nobody speaks: packets of AMR that hold no speech are silence, and no damage.
    @Test func discontinuousTransmissionIsNoDamage() throws {
        // The decoder is there, an encoder is not: frames of 4.75 kbit/s (13 bytes) and of "no data" (1 byte).
        let speech: [UInt8] = [0x04] + (0..<12).map { UInt8($0 * 37 & 0xFF) }
        let packets: [[UInt8]] = (0..<100).map { $0 % 4 == 3 ? [0x7C] : $0 % 4 == 2 ? [0x44, 1, 2, 3, 4, 5] : speech }
        let folder = try TemporaryFolder()
        let (summary, _) = try decode(try folder.write(CodecTests.amr(packets), as: "a.3gp"))
        #expect(summary.corruptPackets == 0)
        #expect(abs(summary.seconds - 2) < 0.05)
    }

    /// Every rate of AMR holds speech: in the wide one the best has the number that is silence in the narrow one.
    ///
    /// 3GPP TS 26.101 and 26.201, table 1a. What is numbered above is silence, and no damage.
    @Test(arguments: [
        (false, [12, 13, 15, 17, 19, 20, 26, 31]), (true, [17, 23, 32, 36, 40, 46, 50, 58, 60]),
    ]) func speechOfEveryRateIsHeard(isWide: Bool, sizes: [Int]) throws {
        let folder = try TemporaryFolder()
        func heard(_ packets: [[UInt8]]) throws -> [Float] {
            let path = try folder.write(CodecTests.amr(packets, isWide: isWide), as: "a.3gp")
            let (summary, channels) = try decode(path)
            #expect(summary.corruptPackets == 0)
            #expect(abs(summary.seconds - 0.02 * Double(packets.count)) < 0.05)
            return channels[0]
        }
        var state = SeededGenerator(state: 11)
        func speech(_ mode: Int) -> [UInt8] {
            [UInt8(mode << 3 | 4)] + (0..<sizes[mode]).map { _ in UInt8.random(in: 0...255, using: &state) }
        }
        for mode in sizes.indices {
            let samples = try heard((0..<50).map { _ in speech(mode) })
            #expect(rms(samples.suffix(samples.count / 2)) > 1e-3, "\(mode)")
        }
        // Comfort noise and "no data" behind speech.
        let silent = [[UInt8(sizes.count << 3 | 4), 1, 2, 3, 4, 5], [0x7C]]
        for packet in silent {
            let samples = try heard((0..<50).map { $0 < 25 ? speech(0) : packet })
            #expect(rms(samples.suffix(samples.count / 4)) < 1e-3, "\(packet)")
        }
    }

    /// Programs that join clips give a track a sample description for each codec; FFmpeg reads the samples of one.
    @Test func samplesOfAnotherCodecAreToldAndEmptyTracksAreNot() throws {
        let speech: [UInt8] = [0x04] + (0..<12).map { UInt8($0 * 37 & 0xFF) }
        let packets = [[UInt8]](repeating: speech, count: 100)
        let folder = try TemporaryFolder()
        for (other, isTold) in [("apac", true), ("enca", true), ("samr", false)] {
            let path = try folder.write(CodecTests.amr(packets, second: other), as: "\(other).3gp")
            let omitted = try RecordingDecoder(path: path).omitted
            #expect(omitted.map(\.codec) == (isTold ? [other] : []) && omitted.allSatisfy { $0.position == 0 })
        }
        let unused = try folder.write(CodecTests.amr(packets, second: "apac", isUsed: false), as: "unused.3gp")
        #expect(try RecordingDecoder(path: unused).omitted.isEmpty)
        let empty = try folder.write(CodecTests.amr([]), as: "empty.3gp")
        #expect(failure { _ = try RecordingDecoder(path: empty) }?.code == .noAudio)
    }

    /// Of an index whose places are wrong, as after media were moved, a frame decodes by chance now and then.
    @Test func whatDecodesByChanceIsDamaged() throws {
        let folder = try TemporaryFolder()
        let tone = Source.tone(seconds: 60, rate: 48_000)
        let plain = try folder.ffmpeg(tone + " -ac 1 -c:a aac -b:a 96k", to: "a.m4a")
        var content = try bytes(of: plain)
        let table = try #require(content.firstRange(of: Array("stco".utf8))).upperBound + 4
        let count = content[table..<table + 4].reduce(0) { $0 << 8 | Int($1) }
        content.replaceSubrange(table + 4..<table + 4 + 4 * count, with: [UInt8](repeating: 0, count: 4 * count))
        let path = try folder.write(content, as: "moved.m4a")
        #expect(failure { _ = try decode(path) }?.code == .corrupt)
    }

    /// Packets of AMR, narrow or wide, as 3GPP; `second` is the codec that the second half is said to be of, if
    /// `isUsed`.
    private static func amr(
        _ packets: [[UInt8]], second: String? = nil, isUsed: Bool = true, isWide: Bool = false
    ) -> [UInt8] {
        let (kind, rate) = isWide ? ("sawb", 16_000) : ("samr", 8_000)
        func box(_ type: String, _ parts: [UInt8]...) -> [UInt8] { FileBytes.box(type, parts.flatMap { $0 }) }
        func words(_ values: Int...) -> [UInt8] { values.flatMap { FileBytes.big(UInt32(truncatingIfNeeded: $0)) } }
        let head = box("ftyp", Array("3gp4".utf8), words(0), Array("3gp4".utf8))
        let entry =
            words(0) + FileBytes.big(UInt16(0)) + FileBytes.big(UInt16(1)) + words(0, 0) + FileBytes.big(UInt16(2))
            + FileBytes.big(UInt16(16)) + words(0) + words(rate << 16)
            + box("damr", Array("test".utf8), [0, 0x81, 0xFF, 0, 1])
        let half = packets.count / 2
        let behind = head.count + 8 + packets.prefix(half).reduce(0) { $0 + $1.count }
        let table = box(
            "stbl",
            box("stsd", words(0, second == nil ? 1 : 2), box(kind, entry), second.map { box($0, entry) } ?? []),
            box("stts", words(0, 1, packets.count, rate / 50)),
            box("stsc", words(0, 2, 1, half, 1, 2, packets.count - half, second != nil && isUsed ? 2 : 1)),
            box("stsz", words(0, 0, packets.count), packets.flatMap { words($0.count) }),
            box("stco", words(0, 2, head.count + 8, behind)))
        let media = box(
            "mdia", box("mdhd", words(0, 0, 0, rate, rate / 50 * packets.count, 0)),
            box("hdlr", words(0, 0), Array("soun".utf8), words(0, 0, 0)), box("minf", box("smhd", words(0, 0)), table))
        let movie = box("moov", box("trak", box("tkhd", words(3, 0, 0, 1, 0, 1_000)), media))
        return head + box("mdat", packets.flatMap { $0 }) + movie
    }
}
