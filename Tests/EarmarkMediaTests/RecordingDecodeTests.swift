import EarmarkMedia
import Foundation
import Testing

@Suite struct RecordingDecodeTests {
    @Test func everyAudioTrackDecodes() throws {
        let folder = try TemporaryFolder()
        let inputs = Source.tone(440) + " " + Source.tone(1_000, rate: 44_100) + " " + Source.picture()
        for type in ["mp4", "mov", "avi"] {
            let path = try folder.ffmpeg(
                inputs + " -map 2 -map 0 -map 1 -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu",
                to: "two.\(type)")
            let decoder = try RecordingDecoder(path: path)
            #expect(decoder.tracks.map(\.index) == [0, 1])
            #expect(decoder.tracks.map(\.sampleRate) == [48_000, 44_100])
            if type == "mp4" { #expect(decoder.tracks.map(\.language) == ["eng", "deu"]) }
            for (track, hertz) in [(0, 440.0), (1, 1_000.0), (0, 440.0)] {
                let (_, channels) = try decode(path, track: track, sampleRate: 16_000)
                #expect(purity(Array(channels[0][8_000..<40_000]), hertz: hertz, rate: 16_000) > 0.99)
            }
            // Indices from 2 on are those of the tracks in one piece.
            #expect(try decoder.decode(track: decoder.inOnePiece(1)) { _ in }.sampleRate == 44_100)
            #expect(failureCode { _ = try decoder.decode(track: 4) { _ in } } == .outOfRange)
            #expect(failureCode { _ = try decoder.decode(track: -1) { _ in } } == .outOfRange)
        }
    }

    @Test func pcmArrivesExactly() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("ramp.wav")
        let samples = (0..<96_000).map { Int32($0 % 65_536 - 32_768) << 16 }
        let format = PCMFormat(
            container: .wav, kind: .integer(bits: 16), sampleRate: 48_000, channels: 3, frames: 32_000)
        let writer = try PCMWriter(path: path, format: format)
        try samples.withUnsafeBufferPointer { try writer.writeIntegers($0) }
        try writer.finish()
        let (summary, channels) = try decode(path)
        #expect(summary.decodedFrames == 32_000)
        for channel in 0..<3 {
            let expected = stride(from: channel, to: samples.count, by: 3).map { Float(samples[$0] >> 16) / 32_768 }
            expectSame(channels[channel], expected)
        }
    }

    @Test func sixteenChannelsAreDeliveredAllOrSome() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(
            "-f lavfi -i aevalsrc=" + (1...16).map { "0.0\($0 < 10 ? "\($0)" : "9")" }.joined(separator: "|")
                + ":d=1:s=16000 -c:a pcm_f32le", to: "many.wav")
        let (summary, channels) = try decode(path)
        #expect(try RecordingDecoder(path: path).tracks[0].channels == 16)
        #expect(channels.count == 16 && summary.warnings.isEmpty)
        for channel in 0..<9 { #expect(abs(channels[channel][100] - 0.01 * Float(channel + 1)) < 1e-6) }
        let worker = try RecordingDecoder(path: path, worker: try DecoderWorkerTests.worker())
        for decoder in [worker, try RecordingDecoder(path: path)] {
            var heard: [Float] = []
            let part = try decoder.decode(track: 0, channels: 4..<7) { block in
                if heard.isEmpty { heard = (0..<block.channelCount).map { block[channel: $0][100] } }
            }
            #expect(part.channels == 3 && heard == (4..<7).map { channels[$0][100] })
            for outside in [14..<17, 3..<3, -1..<2] {
                #expect(failureCode { _ = try decoder.decode(track: 0, channels: outside) { _ in } } == .outOfRange)
            }
        }
    }

    /// 64 channels are examined; of more, the others are named.
    @Test(arguments: [64, 65]) func channelsBeyondTheLimitAreNamed(count: Int) throws {
        let folder = try TemporaryFolder()
        let body = (0..<8_000).flatMap { _ in (0..<count).flatMap { FileBytes.little(Int16($0 * 100)) } }
        let header: [UInt8] =
            Array("RIFF".utf8) + FileBytes.little(UInt32(36 + body.count)) + Array("WAVEfmt ".utf8)
            + FileBytes.little(UInt32(16)) + FileBytes.little(UInt16(1)) + FileBytes.little(UInt16(count))
            + FileBytes.little(UInt32(8_000)) + FileBytes.little(UInt32(16_000 * count))
            + FileBytes.little(UInt16(2 * count)) + FileBytes.little(UInt16(16)) + Array("data".utf8)
            + FileBytes.little(UInt32(body.count))
        let path = try folder.write(header + body, as: "wide.wav")
        let decoder = try RecordingDecoder(path: path)
        #expect(
            decoder.omitted.map(\.reason) == (count == 64 ? [] : ["only the first 64 of its 65 channels are examined"]))
        let (summary, channels) = try decode(path, sampleRate: 16_000)
        #expect(summary.channels == 64 && abs(channels[63][8_000] - 6_300 / 32_768) < 1e-3)
    }

    @Test func repeatedAndConcurrentDecodesAgree() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.film(), to: "a.mp4")
        let decoder = try RecordingDecoder(path: path)
        let digests = try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var samples: [UInt32] = []
                    _ = try decoder.decode(track: 0, sampleRate: 16_000) { block in
                        samples += block[channel: 0].map(\.bitPattern)
                    }
                    return samples
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(digests.count == 4)
        #expect(digests.allSatisfy { $0 == digests[0] && !$0.isEmpty })
    }

    /// Two streams one after the other, as some recorders leave them when a call is resumed.
    @Test(arguments: ["aac", "mp3"]) func changesOnTheWayAreFollowed(type: String) throws {
        let folder = try TemporaryFolder()
        let options = " -id3v2_version 0 -write_xing 0"
        let first = try bytes(of: try folder.ffmpeg(Source.tone(440) + " -ac 2" + options, to: "1.\(type)"))
        let second = try bytes(
            of: try folder.ffmpeg(Source.tone(440, rate: 32_000) + " -ac 1" + options, to: "2.\(type)"))
        let path = try folder.write(first + second, as: "joined.\(type)")
        let (summary, channels) = try decode(path, sampleRate: 16_000)
        #expect(channels.count == 2)
        #expect(abs(summary.seconds - 6) < 0.3)
        #expect(summary.warnings.contains { $0.contains("changed") })
        for channel in 0..<2 {
            #expect(purity(Array(channels[channel][8_000..<40_000]), hertz: 440, rate: 16_000) > 0.99)
            #expect(purity(Array(channels[channel][60_000..<90_000]), hertz: 440, rate: 16_000) > 0.99)
        }
    }

    @Test func whatTheBodyThrowsEndsTheDecode() throws {
        struct Stop: Error {}
        let folder = try TemporaryFolder()
        let decoder = try RecordingDecoder(path: try folder.ffmpeg(Source.tone(), to: "a.wav"))
        var calls = 0
        #expect(throws: Stop.self) {
            _ = try decoder.decode(track: 0) { _ in
                calls += 1
                throw Stop()
            }
        }
        #expect(calls == 1)
    }

    @Test(arguments: [3_999, 384_001, 0, -1, Int.max]) func ratesOutsideTheRangeAreRefused(rate: Int) throws {
        let folder = try TemporaryFolder()
        let decoder = try RecordingDecoder(path: try folder.ffmpeg(Source.tone(), to: "a.wav"))
        #expect(failureCode { _ = try decoder.decode(track: 0, sampleRate: rate) { _ in } } == .outOfRange)
    }

    @Test(arguments: [4_000, 8_000, 44_100, 384_000]) func deliverableRatesKeepTheDuration(rate: Int) throws {
        let folder = try TemporaryFolder()
        for source in [8_000, 48_000] {
            let path = try folder.ffmpeg(Source.tone(rate: source), to: "\(source).wav")
            let (summary, channels) = try decode(path, sampleRate: rate)
            #expect(abs(summary.seconds - 3) < 0.001)
            #expect(purity(channels[0], hertz: 440, rate: Double(rate)) > 0.99)
        }
    }

    @Test func chunksAreTheFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(seconds: 5), to: "a.wav")
        var read: [UInt8] = []
        try RecordingDecoder(path: path).forEachChunk { read += $0 }
        expectSame(read, try bytes(of: path))
    }
}
