import EarmarkMedia
import Foundation
import Testing

/// Damaged copies of small valid files: every outcome is fine but a crash, a hang or an untyped error.
@Suite struct HostileInputTests {
    static let recordings: [(String, String)] = [
        ("a.aac", Source.tone(seconds: 0.4)), ("a.latm", Source.tone(seconds: 0.4) + " -c:a aac -f latm"),
        ("a.mp3", Source.tone(seconds: 0.4)), ("a.m4a", Source.tone(seconds: 0.4)),
        ("alac.m4a", Source.tone(seconds: 0.4) + " -c:a alac"), ("a.wav", Source.tone(seconds: 0.1)),
        ("ad.wav", Source.tone(seconds: 0.4) + " -c:a adpcm_ima_wav"), ("a.mp4", Source.film(seconds: 0.4)),
        ("frag.mp4", Source.film(seconds: 0.4) + " -movflags frag_keyframe+empty_moov"),
        ("a.mov", Source.film(seconds: 0.4)), ("a.avi", Source.film(seconds: 0.4)),
    ]

    private static let rounds = 200

    /// Flips a few bytes, most often in the header, and cuts the end off now and then.
    private func damaged(_ content: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var result = content
        let reach = Bool.random(using: &generator) ? min(content.count, 600) : content.count
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            let place = Int.random(in: 0..<reach, using: &generator)
            // The values that break size arithmetic, as often as any.
            let extreme: [UInt8] = [0, 0xFF, 0x7F, 0x80, 1]
            result[place] =
                Bool.random(using: &generator)
                ? extreme[Int.random(in: 0..<extreme.count, using: &generator)]
                : UInt8.random(in: 0...255, using: &generator)
        }
        if Int.random(in: 0..<4, using: &generator) == 0 {
            result.removeLast(Int.random(in: 0..<result.count, using: &generator))
        }
        return result
    }

    /// Index boxes lie at the end of an MP4 file: bring them within the header's reach as well.
    private func variants(_ name: String, _ arguments: String, _ folder: TemporaryFolder) throws -> [[UInt8]] {
        let plain = try bytes(of: try folder.ffmpeg(arguments, to: name))
        guard name.hasSuffix("m4a") || name.hasSuffix("mp4") || name.hasSuffix("mov"), !name.hasPrefix("frag") else {
            return [plain]
        }
        return [plain, try bytes(of: try folder.ffmpeg(arguments + " -movflags faststart", to: "front-" + name))]
    }

    @Test(arguments: recordings.indices) func damagedRecordings(index: Int) throws {
        let (name, arguments) = HostileInputTests.recordings[index]
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(state: UInt64(index))
        var outcomes: [String: Int] = [:]
        for content in try variants(name, arguments, folder) {
            for _ in 0..<HostileInputTests.rounds {
                let path = try folder.write(damaged(content, &generator), as: "damaged")
                do {
                    let decoder = try RecordingDecoder(path: path)
                    for track in decoder.tracks {
                        let summary = try decoder.decode(track: track.index, sampleRate: 16_000) { block in
                            for channel in 0..<block.channelCount {
                                #expect(block[channel: channel].allSatisfy { $0.isFinite })
                            }
                        }
                        #expect(summary.decodedFrames >= 0)
                    }
                    outcomes["decoded", default: 0] += 1
                } catch {
                    let known = try #require(error as? MediaError, "\(error)")
                    #expect(!known.message.isEmpty)
                    outcomes[known.code.rawValue, default: 0] += 1
                }
            }
        }
        // Damage that never shows, or that never lets anything through, would test nothing.
        #expect(outcomes["decoded", default: 0] > 0)
        #expect(outcomes.count > 1)
    }

    @Test(arguments: ["wav", "flac", "aiff", "caf", "w64", "ogg", "mkv", "mp3"])
    func damagedSources(type: String) throws {
        let folder = try TemporaryFolder()
        let content = try bytes(
            of: try folder.ffmpeg(Source.tone(seconds: 0.2) + " -metadata title=Talk", to: "a.\(type)"))
        var generator = SeededGenerator(state: 99)
        var buffer = [Float](repeating: 0, count: 8_192)
        for _ in 0..<HostileInputTests.rounds {
            let path = try folder.write(damaged(content, &generator), as: "damaged.\(type)")
            do {
                let source = try PCMInput.open(path: path)
                // A damaged header may promise any length: a few blocks suffice.
                for _ in 0..<16 {
                    let frames = try buffer.withUnsafeMutableBufferPointer { try source.readFloats(into: $0) }
                    #expect(frames * source.format.channels <= buffer.count)
                    if frames == 0 { break }
                }
            } catch {
                #expect(error is MediaError)
            }
        }
    }
}
