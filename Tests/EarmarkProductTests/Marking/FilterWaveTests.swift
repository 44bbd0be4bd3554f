import Foundation
import ProgramSupport
import Testing

/// `earmark filter --format wav`: the header tells rate, channels and format; all that is no sample passes as it is.
@Suite struct FilterWaveTests {
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    private func filter(_ input: Data, status: Int32 = 0) throws -> ProcessRunner.Result {
        let result = try folder.run(
            ["filter", "--ticket", place.ada, "--at", "30", "--format", "wav", "--stats"], input: input)
        #expect(result.exitStatus == status, "\(result.errors)")
        return result
    }

    private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    private func number(_ value: Int, _ size: Int) -> Data {
        Data((0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    }

    /// The data chunk's size in the header, and everything after the samples, are for the caller to give.
    private func wave(size: Int, tail: Data = Data(), tag: String = "RIFF", extra: Data = Data()) throws -> Data {
        let samples = try data(place.host).dropFirst(44)
        var wave = Data(tag.utf8) + number(0xFFFF_FFFF, 4) + Data("WAVE".utf8) + extra
        wave += Data("fmt ".utf8) + number(16, 4) + number(1, 2) + number(1, 2)
        wave += number(16_000, 4) + number(32_000, 4) + number(2, 2) + number(16, 2)
        return wave + Data("data".utf8) + number(size, 4) + samples + tail
    }

    /// The bytes of `earmark embed --at 30`.
    private func embedded() throws -> Data {
        try folder.succeed("embed", place.host, "embedded.wav", "--ticket", place.ada, "--at", "30")
        return try data(folder.file("embedded.wav")).suffix(2 * place.samples.count)
    }

    /// Sizes that streaming programs write where they do not know, and RF64, whose size lies elsewhere.
    @Test func headersWithoutASizeAreTaken() throws {
        let wanted = try embedded()
        for size in [128_000, 0, 0xFFFF_FFFF, 0x7FFF_FFFF] {
            for tag in ["RIFF", "RF64"] {
                // A chunk of odd length in front, which is padded.
                let odd = Data("LIST".utf8) + number(3, 4) + Data([1, 2, 3, 0])
                let input = try wave(size: size, tag: tag, extra: odd)
                let result = try filter(input)
                let header = input.count - 128_000
                #expect(result.output.prefix(header) == input.prefix(header))
                #expect(result.output.dropFirst(header) == wanted, "\(tag), \(size)")
                #expect(result.errors.hasPrefix("4.000 s, "))
            }
        }
    }

    /// What follows the samples is not sound.
    @Test func whatFollowsTheSamplesPasses() throws {
        let tail = Data("LIST".utf8) + number(2_000, 4) + Data(repeating: 0x41, count: 2_000)
        let input = try wave(size: 128_000, tail: tail)
        let result = try filter(input)
        #expect(result.output.suffix(tail.count) == tail)
        #expect(result.output.dropFirst(44).prefix(128_000) == (try embedded()))
        #expect(result.errors.hasPrefix("4.000 s, "))
        // A size that ends within a frame.
        let half = try filter(try wave(size: 64_001))
        #expect(half.output.suffix(64_000) == (try wave(size: 0)).suffix(64_000))
        #expect(half.output.dropFirst(44).prefix(64_000) == (try embedded()).prefix(64_000))
    }

    /// FFmpeg writes the longer form of the format for 24 bits and for more than two channels.
    @Test(arguments: [("pcm_s24le", 2), ("pcm_f32le", 1), ("pcm_s16le", 3), ("pcm_u8", 1), ("pcm_f64le", 2)])
    func formatsAreRead(codec: String, channels: Int) throws {
        let pan = (0..<channels).map { "c\($0)=\(1 - 0.2 * Double($0))*c0" }.joined(separator: "|")
        let made = try folder.ffmpeg(
            ["-i", place.host, "-af", "pan=\(channels)c|\(pan)", "-ar", "48000", "-c:a", codec], to: "made.wav")
        let input = try data(made)
        let result = try filter(input)
        #expect(result.output.count == input.count)
        #expect(result.errors.hasPrefix("4.000 s, "))
        try result.output.write(to: URL(fileURLWithPath: folder.file("marked.wav")))
        try folder.succeed("embed", made, "embedded.wav", "--ticket", place.ada, "--at", "30")
        let marked = try MarkingPlace.samples(of: folder.file("marked.wav"))
        #expect(marked == (try MarkingPlace.samples(of: folder.file("embedded.wav"))))
    }

    @Test func otherStreamsAreRefused() throws {
        let wave = try wave(size: 128_000)
        for count in [0, 11, 12, 30, 43] {
            let result = try filter(wave.prefix(count), status: 26)
            #expect(result.output.isEmpty && result.errors.contains("WAV header"), "\(count) bytes")
        }
        let header = try filter(wave.prefix(44))
        #expect(header.output == wave.prefix(44))
        var law = wave
        law[20] = 7
        var odd = wave
        odd[34] = 12
        for input in [law, odd, Data("ID3 and no wave at all".utf8)] {
            #expect(try filter(input, status: 20).output.isEmpty)
        }
        var slow = wave
        slow.replaceSubrange(24..<28, with: number(7_999, 4))
        var many = wave
        many[22] = 9
        for input in [slow, many] { #expect(try filter(input, status: 65).output.isEmpty) }
    }
}
