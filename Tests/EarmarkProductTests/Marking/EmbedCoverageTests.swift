import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// `earmark embed --help`: the share of the audio that carries the mark is told, with a warning below a tenth.
@Suite struct EmbedCoverageTests {
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    /// What `embed` tells of audio that FFmpeg makes from `source`, 10 s at 48 kHz, and what it warns of.
    private func embed(_ source: String, filter: String = "anull") throws -> (view: JSON, errors: String) {
        let made = try folder.ffmpeg(
            ["-f", "lavfi", "-i", source, "-t", "10", "-af", filter, "-ar", "48000"], to: "in.wav")
        let result = try folder.run("embed", made, "out.wav", "--ticket", place.now, "--json")
        #expect(result.exitStatus == 0)
        return (try JSON(text: result.text)["embedded"], result.errors)
    }

    private static let noise = "anoisesrc=r=48000:a=0.3:seed=5"
    private static let below300 = Array(repeating: "lowpass=f=200", count: 6).joined(separator: ",")

    @Test(
        arguments: [
            (noise, below300), (noise, "volume=-75dB"), ("anullsrc=r=48000", "anull"), ("sine=100:r=48000", "anull"),
        ])
    func whatCarriesNoMarkIsSaid(source: String, filter: String) throws {
        let (view, errors) = try embed(source, filter: filter)
        let share = try #require(view["markedShare"].double)
        #expect(share < 0.05)
        #expect(errors.contains("earmark: warning: only \(Int(100 * share)) % of this audio carries the mark"))
        #expect(view["warnings"].array.count == 1)
    }

    @Test func whatCarriesItIsSaidToo() throws {
        for filter in ["anull", "aformat=channel_layouts=stereo"] {
            let (view, errors) = try embed(Self.noise, filter: filter)
            #expect(try #require(view["markedShare"].double) > 0.95 && errors.isEmpty)
            #expect(view["warnings"].array.isEmpty)
        }
        // Seven seconds of silence, three of noise: a share, and no warning.
        let (view, errors) = try embed(Self.noise, filter: "volume=0:enable='lt(t,7)'")
        let share = try #require(view["markedShare"].double)
        #expect(abs(share - 0.3) < 0.05 && errors.isEmpty)
        let text = try folder.succeed("embed", place.host, "out.wav", "--ticket", place.ada)
        #expect(text.contains("carries the mark"))
    }

    /// The rest of audio that fills no whole tenth of a second counts as much as it lasts, with the mark or without.
    @Test(
        arguments: [
            (0, 800, 1), (0, 40, 1), (800, 0, 0), (1_600, 800, 1.0 / 3), (16_000, 400, 400.0 / 16_400), (0, 3_199, 1),
        ] as [(Int, Int, Double)])
    func theLastPartCounts(silent: Int, sounding: Int, expected: Double) throws {
        for (rate, channels) in [(16_000, 1), (48_000, 2)] {
            var noise = NoiseSource(seed: 12)
            let more = rate / 16_000
            let samples = [Float](repeating: 0, count: more * silent) + noise.white(more * sounding, deviation: 0.1)
            try Media.wav(.init(repeating: samples, count: channels), rate: rate)
                .write(to: URL(fileURLWithPath: folder.file("in.wav")))
            let result = try folder.run("embed", folder.file("in.wav"), "out.wav", "--ticket", place.now, "--json")
            #expect(result.exitStatus == 0)
            let share = try #require(try JSON(text: result.text)["embedded"]["markedShare"].double)
            #expect(abs(share - expected) < 1e-9, "\(share)")
            let warning = "only \(Int(100 * expected)) % of this audio carries the mark"
            #expect(result.errors.contains(warning) == (expected < 0.1), "\(result.errors)")
        }
    }

    @Test func streamsSayItAtTheirEnd() throws {
        let raw = ["filter", "--ticket", place.ada, "--at", "0", "--rate", "16000", "--format", "s16le"]
        let silence = try folder.run(raw, input: Data(count: 64_000))
        #expect(silence.exitStatus == 0 && silence.errors.contains("only 0 % of this audio carries the mark"))
        let sound = try Data(contentsOf: URL(fileURLWithPath: place.host)).dropFirst(44).prefix(128_000)
        #expect(try folder.run(raw, input: Data(sound)).errors.isEmpty)
    }
}
