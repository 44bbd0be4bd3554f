import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/signal-design.md: what `earmark embed` adds to a file, in numbers.
@Suite struct EmbedMarkTests {
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    private func embed(_ input: String, _ output: String = "out.wav", _ arguments: String...) throws -> [Float] {
        try folder.succeed(["embed", input, output, "--ticket", place.ada] + arguments)
        return try MarkingPlace.samples(of: folder.file(output))
    }

    /// "Layout", the dial: `transparent` 0.4, `standard` 1.1, `robust` 1.6.
    @Test func strengthsAreApartByTheDial() throws {
        func level(_ arguments: [String]) throws -> Double {
            try folder.succeed(["embed", place.floats, "out.wav", "--ticket", place.ada] + arguments)
            return MarkingPlace.level(try MarkingPlace.samples(of: folder.file("out.wav")), on: place.samples)
        }
        let standard = try level([])
        #expect(try level(["--strength", "standard"]) == standard)
        #expect(abs(try level(["--strength", "transparent"]) - standard - 20 * log10(0.4 / 1.1)) < 0.3)
        #expect(abs(try level(["--strength", "robust"]) - standard - 20 * log10(1.6 / 1.1)) < 0.3)
    }

    /// `--at` is the meeting time of the first sample: what begins later carries what belongs there; 0 without it.
    @Test func theMarkBelongsToTheMeetingsTime() throws {
        let whole = try embed(place.floats, "whole.wav", "--at=-2.5")
        let late = Array(place.samples[8_000...])
        try MarkingPlace.bytes(late).write(to: URL(fileURLWithPath: folder.file("late.f32")))
        try folder.ffmpeg(
            ["-f", "f32le", "-ar", "16000", "-ac", "1", "-i", folder.file("late.f32"), "-c:a", "pcm_f32le"],
            to: "late.wav")
        func agreement(_ at: String) throws -> Double {
            let part = try embed(folder.file("late.wav"), "part.wav", "--at=\(at)")
            return MarkingPlace.agreement(
                part.dropFirst(8_000), whole.dropFirst(16_000), on: Array(place.samples[16_000...]))
        }
        #expect(try agreement("-2") > 40)
        for other in ["-1.936", "-2.064", "14.384", "2"] { #expect(try agreement(other) < 6, "\(other)") }
        let plain = try embed(place.floats, "plain.wav")
        #expect(plain == (try embed(place.floats, "zero.wav", "--at", "0")))
    }

    /// Offsets are written as FFmpeg's durations are, or with units.
    @Test func offsetsAreWrittenAsPeopleSayThem() throws {
        for (written, seconds) in [("1:02:30", "3750"), ("12:34.25", "754.25"), ("-0:02.5", "-2.5"), ("45m", "2700")] {
            let same = try embed(place.floats, "written.wav", "--at=\(written)")
            #expect(try same == embed(place.floats, "seconds.wav", "--at=\(seconds)"), "\(written)")
        }
        // Two days from the start are the furthest, as docs say; what no clock shows is refused.
        for (refused, isRefused) in [
            ("48:00:00", false), ("172800.1", true), ("1:75", true), ("1:2", true), ("12:34.", true), ("nan", true),
            ("1e3", true), ("--2", true), ("0x10", true), ("12:34.2.1", true),
        ] {
            let result = try folder.run(
                "embed", place.host, "out.wav", "--ticket", place.ada, "--at=\(refused)")
            // A meeting of an hour has no second at the end of the second day: that is another refusal.
            #expect((result.exitStatus == 64) == isRefused, "\(refused): \(result.errors)")
            if isRefused { #expect(result.errors.contains("754.2, 12:34.2, 1:02:30 or 45m"), "\(refused)") }
        }
    }

    /// "Embedder": integer files get x + round(mark + triangular dither), above 20 bits no dither; silence stays.
    @Test func integersAreRoundedWithDither() throws {
        let exact = try embed(place.floats, "exact.wav")
        for (codec, step, power, largest) in [
            ("pcm_s16le", 1.0 / 32_768, 0.25, 1.51), ("pcm_s24le", 1.0 / 8_388_608, 1.0 / 12, 0.51),
        ] {
            let input = try folder.ffmpeg(["-i", place.host, "-c:a", codec], to: "\(codec).wav")
            let output = try embed(input, "\(codec)-out.wav")
            // Where there is a mark of an eighth of a step or more.
            let places = exact.indices.filter {
                abs(Double(exact[$0]) - Double(place.samples[$0])) > 0.13 * step
            }
            let errors = places.map { (Double(output[$0]) - Double(exact[$0])) / step }
            let mean = errors.reduce(0, +) / Double(errors.count)
            let variance = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
            #expect(abs(mean) < 0.02 && abs(variance - power) < 0.015, "\(codec): \(mean), \(variance)")
            #expect(errors.allSatisfy { abs($0) < largest }, "\(codec)")
            let product = zip(errors, errors.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(product / Double(errors.count)) < 0.01)
            #expect(output[32_001..<40_000].allSatisfy { $0 == 0 })
        }
    }

    /// Dither of two channels with the same sound is not the same: its noise does not come from the middle.
    @Test func channelsHaveDitherOfTheirOwn() throws {
        try Media.wav([place.samples, place.samples], rate: 16_000)
            .write(to: URL(fileURLWithPath: folder.file("stereo.wav")))
        let output = try embed(folder.file("stereo.wav"))
        let floats = try folder.ffmpeg(["-i", folder.file("stereo.wav"), "-c:a", "pcm_f32le"], to: "floats.wav")
        let exact = try embed(floats, "exact.wav")
        func errors(_ channel: Int) -> [Double] {
            stride(from: channel, to: exact.count, by: 2).map { 32_768 * (Double(output[$0]) - Double(exact[$0])) }
        }
        let energy = errors(0).reduce(0) { $0 + $1 * $1 }
        let product = zip(errors(0), errors(1)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product / energy) < 0.03)
    }

    /// No sample is pushed beyond full scale, and after it the mark comes back.
    @Test func fullScaleIsNotPassed() throws {
        var hot = place.samples.map { 2 * $0 }
        for index in 8_000..<8_064 { hot[index] = index / 4 % 2 == 0 ? 1 : -1 }
        try MarkingPlace.bytes(hot).write(to: URL(fileURLWithPath: folder.file("hot.f32")))
        try folder.ffmpeg(
            ["-f", "f32le", "-ar", "16000", "-ac", "1", "-i", folder.file("hot.f32"), "-c:a", "pcm_f32le"],
            to: "hot.wav")
        let output = try embed(folder.file("hot.wav"), "out.wav", "--strength", "robust")
        #expect(zip(output, hot).allSatisfy { abs($0) <= max(1, abs($1)) })
        let plain = try embed(place.floats, "plain.wav", "--strength", "robust")
        // Half a second later the mark is what it would be without, at twice the level.
        let late = MarkingPlace.agreement(
            output[16_000..<30_000], plain[16_000..<30_000].map { 2 * $0 }, on: Array(hot[16_000..<30_000]))
        #expect(late > 20)
    }
}
