import Foundation
import Testing

@testable import EarmarkMedia

/// Samples of every format become floats of full scale ±1.
@Suite struct SampleFormatTests {
    /// A WAV file put together by hand, decoded.
    private func samples(_ bits: UInt16, tag: UInt16, _ body: [UInt8], channels: UInt16 = 1) throws -> [[Float]] {
        let folder = try TemporaryFolder()
        let format = FileBytes.pcm(bits: bits, tag: tag, channels: channels)
        let content = FileBytes.riff("RIFF", "WAVE", format + FileBytes.chunk("data", body))
        return try decode(try folder.write(content, as: "a.wav")).channels
    }

    @Test func bytesAreFractionsOfFullScale() throws {
        let body: [UInt8] = [0, 1, 64, 127, 128, 129, 192, 255]
        let expected: [Float] = [-1, -0.9921875, -0.5, -0.0078125, 0, 0.0078125, 0.5, 0.9921875]
        expectSame(try samples(8, tag: 1, body)[0], expected)
    }

    @Test func integersAreFractionsOfFullScale() throws {
        let short: [Int16] = [.min, -16_384, -1, 0, 1, .max]
        let shortBody: [UInt8] = short.flatMap { FileBytes.little($0) }
        expectSame(try samples(16, tag: 1, shortBody)[0], short.map { Float($0) / 32_768 })
        let three: [Int32] = [-8_388_608, -1, 0, 1, 4_194_304, 8_388_607]
        let threeBody: [UInt8] = three.flatMap { Array(FileBytes.little($0).prefix(3)) }
        expectSame(try samples(24, tag: 1, threeBody)[0], three.map { Float($0) / 8_388_608 })
        let long: [Int32] = [.min, -1_073_741_824, 0, 256, .max]
        let longBody: [UInt8] = long.flatMap { FileBytes.little($0) }
        expectSame(try samples(32, tag: 1, longBody)[0], long.map { Float($0) / 2_147_483_648 })
    }

    @Test func floatsAreTakenAsTheyAreAndDamageIsClipped() throws {
        let values: [Float] = [-1, 0.25, 1e-20, 1e8, -1e8, 3]
        let bad: [Float] = [.nan, .infinity, -.infinity, Float(1e8).nextUp, -2e9]
        let body: [UInt8] = (values + bad).flatMap { FileBytes.little($0.bitPattern) }
        expectSame(try samples(32, tag: 3, body)[0], values + [0, 1e8, -1e8, 1e8, -1e8])
        let doubles: [Double] = [-1, 0.25, 0.1, 1e8, 1e300, .nan, -.infinity]
        let doubleBody: [UInt8] = doubles.flatMap { FileBytes.little($0.bitPattern) }
        let expected: [Float] = [-1, 0.25, 0.1, 1e8, 1e8, 0, -1e8]
        expectSame(try samples(64, tag: 3, doubleBody)[0], expected)
    }

    @Test func channelsStayApart() throws {
        let frames: [[Int16]] = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]
        let all: [Int16] = frames.flatMap { $0 }
        let body: [UInt8] = all.flatMap { FileBytes.little($0 * 256) }
        let integers = try samples(16, tag: 1, body, channels: 3)
        let floatBody: [UInt8] = all.flatMap { FileBytes.little(Float($0).bitPattern) }
        let floats = try samples(32, tag: 3, floatBody, channels: 3)
        for channel in 0..<3 {
            let expected: [Float] = frames.map { Float($0[channel]) }
            expectSame(integers[channel], expected.map { $0 / 128 })
            expectSame(floats[channel], expected)
        }
    }

    /// ALAC delivers planes of integers.
    @Test(arguments: [("s16p", "pcm_s16le"), ("s32p", "pcm_s24le")]) func planesOfIntegers(
        format: String, wave: String
    ) throws {
        let folder = try TemporaryFolder()
        let noise = "-f lavfi -i anoisesrc=d=1:r=44100:a=0.9:s=3 -af pan=stereo|c0=c0|c1=-0.5*c0 "
        let original = try folder.ffmpeg(noise + "-c:a \(wave)", to: "a.wav")
        let packed = try folder.ffmpeg("-i \(original) -c:a alac -sample_fmt \(format)", to: "a.m4a")
        let (one, other) = (try decode(original).channels, try decode(packed).channels)
        #expect(one.count == 2)
        for channel in 0..<2 { expectSame(one[channel], other[channel]) }
    }

    @Test func largestMagnitudeIsABillion() {
        func holdsInvalid(_ samples: [Float]) -> Bool {
            samples.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { SampleScratch.holdsInvalid($0, buffer.count, beyond: 1e9) } ?? false
            }
        }
        #expect(!holdsInvalid([0, -0.0, 1e9, -1e9]))
        for bad in [Float(1e9).nextUp, -Float(1e9).nextUp, .nan, -.nan, .infinity, -.infinity] {
            #expect(holdsInvalid([0, bad]) && holdsInvalid([bad, 0, 0]))
        }
    }
}

/// Which tracks are found usable, and what is said of the others.
@Suite struct TrackSurveyTests {
    private func movie(_ folder: TemporaryFolder, tracks: Int, to name: String = "many.mp4") throws -> [UInt8] {
        let inputs = (0..<tracks).map { Source.tone(300 + 100 * $0, seconds: 1, rate: 16_000) }.joined(separator: " ")
        let maps = (0..<tracks).map { "-map \($0)" }.joined(separator: " ")
        return try bytes(of: try folder.ffmpeg(inputs + " " + maps, to: name))
    }

    private func replace(_ text: String, with other: String, number: Int, in content: inout [UInt8]) throws {
        var start = try #require(content.firstRange(of: Array("moov".utf8))).upperBound
        for count in 0...number {
            let range = try #require(content[start...].firstRange(of: Array(text.utf8)))
            start = range.upperBound
            if count == number { content.replaceSubrange(range, with: Array(other.utf8)) }
        }
    }

    @Test func encryptedTracksAreLeftOutAndMentioned() throws {
        let folder = try TemporaryFolder()
        var content = try movie(folder, tracks: 3)
        for (count, places) in [(1, [1]), (2, [0, 1])] {
            var locked = content
            // A track that is renamed no longer counts among those of the old name.
            for place in places.reversed() { try replace("mp4a", with: "drms", number: place, in: &locked) }
            let path = try folder.write(locked, as: "locked.mp4")
            let decoder = try RecordingDecoder(path: path)
            #expect(decoder.tracks.map(\.index) == Array(0..<3 - count))
            #expect(decoder.tracks.map(\.position) == Array(0..<3).filter { !places.contains($0) })
            #expect(decoder.omitted == places.map { .init(position: $0, codec: "drms", reason: "it is encrypted") })
            let (summary, channels) = try decode(path, track: 2 - count)
            #expect(summary.warnings.isEmpty)
            #expect(purity(Array(channels[0].prefix(12_000)), hertz: 500, rate: 16_000) > 0.98, "the third tone")
            let other = try RecordingDecoder(path: path, worker: try DecoderWorkerTests.worker())
            #expect(other.omitted == decoder.omitted && other.tracks == decoder.tracks)
        }
        #expect(try decode(try folder.write(content, as: "open.mp4")).summary.warnings.isEmpty)
        for _ in 0..<3 { try replace("mp4a", with: "enca", number: 0, in: &content) }
        let error = failure { _ = try RecordingDecoder(path: try folder.write(content, as: "all.mp4")) }
        #expect(error?.code == .encrypted && error?.message.contains("(enca)") == true)
    }

    /// The tracks of a movie, over and over.
    private func repeated(_ content: [UInt8], times: Int) throws -> [UInt8] {
        let movie = try #require(content.firstRange(of: Array("moov".utf8))).lowerBound - 4
        let track = try #require(content[movie...].firstRange(of: Array("trak".utf8))).lowerBound - 4
        func size(at place: Int) -> Int { content[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
        let one = Array(content[track..<track + size(at: track)])
        var all = content
        // The index stands last, so that nothing moves.
        #expect(movie + size(at: movie) == content.count)
        for _ in 1..<times { all.insert(contentsOf: one, at: track) }
        withUnsafeBytes(of: UInt32(size(at: movie) + (times - 1) * one.count).bigEndian) {
            all.replaceSubrange(movie..<movie + 4, with: $0)
        }
        return all
    }

    /// 256 tracks are opened; what lies beyond is listed, as far as there is room for it.
    @Test func tracksBeyondTheLimitAreListed() throws {
        let folder = try TemporaryFolder()
        let one = try movie(folder, tracks: 1)
        for (count, listed) in [(256, 0), (257, 1), (330, 64)] {
            let path = try folder.write(try repeated(one, times: count), as: "\(count).mp4")
            let decoder = try RecordingDecoder(path: path)
            #expect(decoder.tracks.map(\.position) == Array(0..<256))
            #expect(decoder.omitted.map(\.position) == Array(256..<256 + listed))
            #expect(decoder.omitted.allSatisfy { $0.codec == "mp4a" && $0.reason.hasPrefix("only the first 256") })
            #expect(decoder.omitted.last?.reason.hasSuffix("; 10 more follow") ?? false == (count == 330))
            let (_, channels) = try decode(path, track: 255)
            #expect(purity(Array(channels[0].prefix(12_000)), hertz: 300, rate: 16_000) > 0.98)
        }
    }

    /// A track whose samples lie elsewhere is passed over where another has them here.
    @Test func theTrackThatIsHereIsUsed() throws {
        let folder = try TemporaryFolder()
        var content = try movie(folder, tracks: 2)
        let entry = try #require(content.firstRange(of: Array("dref".utf8))).lowerBound + 12
        #expect(content[entry + 11] == 1)
        content[entry + 11] = 0
        // Without a place it means this file.
        #expect(try RecordingDecoder(path: folder.write(content, as: "nowhere.mp4")).tracks.count == 2)
        let location = Array("file:/a\0".utf8)
        content.insert(contentsOf: location, at: entry + 12)
        for type in ["url ", "dref", "dinf", "minf", "mdia", "trak", "moov"] {
            let box = try #require(content[..<(entry + 12)].lastRange(of: Array(type.utf8))).lowerBound - 4
            let size = content[box..<box + 4].reduce(0) { $0 << 8 | UInt32($1) } + UInt32(location.count)
            content.replaceSubrange(box..<box + 4, with: FileBytes.big(size))
        }
        // Nor does a place that is named by 'url ', where the samples lie here.
        #expect(try RecordingDecoder(path: folder.write(content, as: "here.mp4")).tracks.count == 2)
        content.replaceSubrange(entry + 4..<entry + 8, with: Array("alis".utf8))
        let path = try folder.write(content, as: "refers.mp4")
        #expect(try RecordingDecoder(path: path).tracks.count == 1)
        #expect(purity(Array(try decode(path).channels[0].prefix(12_000)), hertz: 400, rate: 16_000) > 0.98)
    }

    /// Length and language as the container states them; QuickTime has numbers of its own for languages.
    @Test func tracksAreDescribed() throws {
        let folder = try TemporaryFolder()
        for (name, hasLanguage) in [("a.mp4", true), ("a.mov", false), ("a.avi", false), ("a.wav", false)] {
            let path = try folder.ffmpeg(
                Source.tone(seconds: 7, rate: 32_000) + " -ac 2 -metadata:s:a:0 language=fra", to: name)
            let track = try #require(try RecordingDecoder(path: path).tracks.first)
            #expect(track.sampleRate == 32_000 && track.channels == 2 && track.deliveredChannels == 2, "\(name)")
            #expect(abs((track.declaredSeconds ?? 0) - 7) < 0.15, "\(name)")
            #expect(track.language == (hasLanguage ? "fra" : nil), "\(name)")
        }
    }

    /// Two streams one after the other, with fewer channels, and with more.
    @Test func channelsThatComeAndGoAreAccountedFor() throws {
        let folder = try TemporaryFolder()
        func stream(_ channels: Int) throws -> [UInt8] {
            try bytes(of: try folder.ffmpeg(Source.tone(seconds: 2) + " -ac \(channels)", to: "\(channels).aac"))
        }
        let fewer = try decode(try folder.write(try stream(3) + stream(2), as: "fewer.aac"))
        #expect(fewer.channels.count == 3)
        #expect(rms(fewer.channels[0].suffix(48_000).prefix(40_000)) > 0.01)
        #expect(fewer.channels[2].suffix(48_000).prefix(40_000).allSatisfy { $0 == 0 }, "silent where it is missing")
        #expect(fewer.summary.warnings == ["sample rate or channel count changed 1 times"])
        let more = try decode(try folder.write(try stream(1) + stream(2), as: "more.aac"))
        #expect(more.channels.count == 1 && abs(more.summary.seconds - 4) < 0.2)
        #expect(rms(more.channels[0].suffix(48_000).prefix(40_000)) > 0.01)
        #expect(more.summary.warnings.contains { $0.hasPrefix("where there are more than the 1 channels") })
    }
}
