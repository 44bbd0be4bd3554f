import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// `earmark filter --help`: as many bytes come out as go in, with the mark that `earmark embed` makes.
@Suite struct FilterTests {
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    private func filter(
        _ input: Data, _ arguments: [String], at: String = "30", status: Int32 = 0
    ) throws -> ProcessRunner.Result {
        let result = try folder.run(
            ["filter", "--ticket", place.ada, "--at=\(at)"] + arguments, input: input)
        #expect(result.exitStatus == status, "\(arguments): \(result.errors)")
        return result
    }

    private func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder.file(name))) }

    /// The samples of `earmark embed --at 30`, as floats.
    private func embedded(_ arguments: String...) throws -> [Float] {
        try folder.succeed(["embed", place.floats, "embedded.wav", "--ticket", place.ada, "--at", "30"] + arguments)
        return try MarkingPlace.samples(of: folder.file("embedded.wav"))
    }

    @Test(arguments: [
        ("f32le", 4), ("f32be", 4), ("f64le", 8), ("f64be", 8), ("s16le", 2), ("s16be", 2), ("s24le", 3), ("s24be", 3),
        ("s32le", 4), ("s32be", 4), ("u8", 1), ("s8", 1),
    ])
    func everyFormatIsMarkedAsFilesAre(format: String, size: Int) throws {
        try folder.ffmpeg(["-i", place.host, "-f", format], to: "raw")
        let input = try data("raw")
        #expect(input.count == size * place.samples.count)
        let output = try filter(input, ["--rate", "16000", "--format", format]).output
        #expect(output.count == input.count && output != input)
        try output.write(to: URL(fileURLWithPath: folder.file("marked")))
        try folder.ffmpeg(
            ["-f", format, "-ar", "16000", "-ac", "1", "-i", folder.file("marked"), "-f", "f32le"], to: "floats")
        let marked = MarkingPlace.floats(try data("floats"))
        let wanted = try embedded()
        // Rounding and dither of one step and a half. Eight bits also differ in what they hold of the host, which the
        // mark follows: in loud samples by some steps, more or less by the ticket, as a whole by hardly more than one.
        let step = size == 1 ? 12.0 / 128 : size == 2 ? 1.51 / 32_768 : 0x1p-22
        #expect(zip(marked, wanted).allSatisfy { abs($0 - $1) <= Float(step) })
        let squares = zip(marked, wanted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        if size == 1 { #expect((squares / Float(wanted.count)).squareRoot() * 128 < 1.5) }
        if size > 1 { #expect(marked[32_001..<40_000].allSatisfy { $0 == 0 }) }
        if format == "f32le" { #expect(marked == wanted) }
        if format == "s16le" {
            try folder.succeed("embed", place.host, "words.wav", "--ticket", place.ada, "--at", "30")
            #expect(try data("words.wav").suffix(output.count) == output)
        }
    }

    /// `--strength` and `--at` reach the mark.
    @Test func optionsReachTheMark() throws {
        let input = MarkingPlace.bytes(place.samples)
        let raw = ["--rate", "16000", "--format", "f32le"]
        for strength in ["transparent", "standard", "robust"] {
            let output = try filter(input, raw + ["--strength", strength]).output
            #expect(MarkingPlace.floats(output) == (try embedded("--strength", strength)), "\(strength)")
        }
        let tagged = try filter(input, raw + ["--microphone"]).output
        #expect(MarkingPlace.floats(tagged) == (try embedded("--microphone")))
        #expect(MarkingPlace.floats(tagged) != (try embedded()))
        let other = try filter(input, raw, at: "31").output
        let agreement = MarkingPlace.agreement(MarkingPlace.floats(other), try embedded(), on: place.samples)
        #expect(agreement < 6)
        // 16-bit little-endian mono are what is meant where nothing is said.
        try folder.ffmpeg(["-i", place.host, "-f", "s16le"], to: "raw")
        let words = try data("raw")
        let plain = try filter(words, ["--rate", "16000"]).output
        #expect(plain == (try filter(words, ["--rate", "16000", "--channels", "1", "--format", "s16le"]).output))
        #expect(plain != words)
    }

    /// Channels are counted: the same bytes as two channels are other frames.
    @Test func channelsAreMarkedTogether() throws {
        let both = place.samples.flatMap { [$0, -0.5 * $0] }
        let output = try filter(
            MarkingPlace.bytes(both), ["--rate", "16000", "--format", "f32le", "--channels", "2"]
        ).output
        let marked = MarkingPlace.floats(output)
        #expect(marked.count == both.count)
        // Both have the same weights, so the mark scales with each.
        for index in stride(from: 4_000, to: 30_000, by: 2) {
            let left = marked[index] - both[index]
            let right = marked[index + 1] - both[index + 1]
            #expect(abs(right + 0.5 * left) < 1e-5)
        }
    }

    /// `--stats`: seconds processed, marked and silent, on standard error.
    @Test func statisticsAreExact() throws {
        var noise = NoiseSource(seed: 8)
        let sound = noise.white(12_000, deviation: 0.1) + [Float](repeating: 0, count: 4_000)
        let raw = ["--rate", "16000", "--format", "f32le"]
        let result = try filter(MarkingPlace.bytes(sound), raw + ["--stats"])
        #expect(result.errors == "1.000 s, 0.750 s marked, 0.250 s silent\n")
        #expect(try filter(MarkingPlace.bytes(sound), raw).errors.isEmpty)
        let empty = try filter(Data(), raw + ["--stats"])
        #expect(empty.errors == "0.000 s, 0.000 s marked, 0.000 s silent\n" && empty.output.isEmpty)
        #expect(try filter(Data(), raw).errors.isEmpty)
        let silence = try filter(Data(count: 64_000), ["--rate", "16000", "--channels", "2", "--stats"])
        let words = silence.errors.split(separator: "\n")
        #expect(words.first == "1.000 s, 0.000 s marked, 1.000 s silent")
        #expect(words.count == 2 && words.last?.contains("only 0 % of this audio carries the mark") == true)
    }

    /// A last frame that never became whole passes as it is.
    @Test func halfAFramePasses() throws {
        let input = MarkingPlace.bytes(Array(place.samples[..<4_001])) + Data([1, 2, 3])
        let output = try filter(input, ["--rate", "16000", "--format", "f32le", "--channels", "2"]).output
        #expect(output.count == input.count && output.suffix(7) == input.suffix(7))
        #expect(output.prefix(16_000) != input.prefix(16_000))
    }

    /// What can be refused is refused before anything is read or written.
    @Test func refusalsWriteNothing() throws {
        let input = MarkingPlace.bytes(place.samples)
        let raw = ["--rate", "16000", "--format", "f32le"]
        for (arguments, at, status) in [
            (raw, "-901", 65), (raw, "86401", 65), (raw, "172801", 64),
            (["--format", "f32le"], "5", 64), (["--rate", "7999.9"], "5", 64), (["--rate", "192000.1"], "5", 64),
            (raw + ["--channels", "0"], "5", 64), (raw + ["--channels", "9"], "5", 64),
            (["--format", "wav", "--channels", "1"], "5", 64), (["--rate", "16000", "--format", "f32"], "5", 64),
            (raw + ["--strength", "loud"], "5", 64), (raw + ["--revocations", "none.txt"], "5", 66),
            (["--format", "wav"], "5", 20),
        ] as [([String], String, Int32)] {
            let result = try filter(input, arguments, at: at, status: status)
            #expect(result.output.isEmpty && result.errors.hasPrefix("earmark: error: "), "\(arguments)")
        }
        for (rate, channels) in [("8000", "8"), ("192000", "1")] {
            let result = try filter(input, ["--rate", rate, "--channels", channels, "--format", "f32le"])
            #expect(result.output.count == input.count && result.output != input)
        }
        let revoked = try folder.run(
            ["filter", "--ticket", place.bela, "--at", "5", "--revocations", place.list] + raw, input: input)
        #expect(revoked.exitStatus == 65 && revoked.output.isEmpty && revoked.errors.contains(place.revoked))
        let byClock = try folder.run(["filter", "--ticket", place.ada] + raw, input: input)
        #expect(byClock.exitStatus == 65 && byClock.output.isEmpty && byClock.errors.contains("the clock"))
    }
}
