import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// `earmark embed --help` and docs/file-formats.md, `warnings`: whatever OUT has otherwise than IN as players show it,
/// or has not at all, is told.
@Suite struct EmbedRemarksTests {
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    /// The warnings, and the length of what was marked.
    private func embed(_ input: String) throws -> (warnings: [String], seconds: Double) {
        let view = try folder.json("embed", input, "out.wav", "--ticket", place.ada, "--at", "0")["embedded"]
        return (view["warnings"].array.compactMap(\.string), view["seconds"].double ?? 0)
    }

    private func made(_ options: String, _ name: String) throws -> String {
        try folder.ffmpeg(["-i", place.host] + options.split(separator: " ").map(String.init), to: name)
    }

    @Test func aPlainFileIsMarkedWithoutAWord() throws {
        for path in [place.host, place.floats, try made("-c:a aac", "plain.m4a"), try made("-c:a flac", "plain.flac")] {
            #expect(try embed(path).warnings == [], "\(path)")
        }
    }

    @Test func editListsAreToldWhereTheyAreNotFollowed() throws {
        var file = try BoxFile(try made("-c:a pcm_s16le", "plain.mov"))
        func entry(_ seconds: Double, from place: Double) -> [UInt8] {
            Bombs.number(Int(seconds * 1_000)) + Bombs.number(Int(place * 16_000)) + Bombs.number(0x1_0000)
        }
        let swapped = Bombs.box(
            "elst", Bombs.number(0), Bombs.number(2), entry(1, from: 2), entry(0.5, from: 0))
        try file.replace("moov/trak/edts/elst", by: swapped)
        let (warnings, seconds) = try embed(try RecordingFiles.write(file.bytes, to: "swapped.mov", in: folder))
        #expect(warnings.count == 1 && seconds == MarkingPlace.seconds)
        #expect(warnings[0].contains("in 2 pieces, 1.5 s in all; it was marked as it lies in the file"), "\(warnings)")
    }

    @Test func soundThatBeginsLateIsToldToBeginAtOnce() throws {
        try folder.ffmpeg(
            [
                "-f", "lavfi", "-i", "color=size=64x64:rate=5:duration=12", "-itsoffset", "7.5", "-i", place.host,
                "-map", "0", "-map", "1", "-c:a", "aac",
            ], to: "late.mp4")
        let warnings = try embed("late.mp4").warnings
        // 64 ms of the codec's own come before the sound.
        #expect(warnings.count == 1 && warnings[0].hasPrefix("players show its audio from 7.4 s on"), "\(warnings)")
    }

    @Test func holesInTimeStampsAreTold() throws {
        _ = try made("-c:a aac", "plain.m4a")
        try folder.ffmpeg(
            ["-i", folder.file("plain.m4a"), "-c", "copy", "-bsf:a", "setts=ts=TS+floor(N/20)*16000"], to: "holes.m4a")
        // 4 s in frames of 64 ms: 63, and one before them; three holes of a second.
        let warnings = try embed("holes.m4a").warnings
        #expect(warnings.count == 1, "\(warnings)")
        #expect(warnings.first?.hasPrefix("its time stamps leave out 3.0 s in 3 places") ?? false, "\(warnings)")
    }

    /// Stamps at twice the distance, each of them too near to the last for a hole.
    @Test func timeStampsOfAnotherSpeedAreTold() throws {
        _ = try made("-c:a aac", "plain.m4a")
        try folder.ffmpeg(
            ["-i", folder.file("plain.m4a"), "-c", "copy", "-bsf:a", "setts=ts=TS*2"], to: "slow.m4a")
        let warnings = try embed("slow.m4a").warnings
        #expect(warnings.count == 1, "\(warnings)")
        // 61 gaps of 64 ms between the frames that are heard are twice as long.
        let words = "its time stamps go ahead of its audio by 3.9 s in all"
        #expect(warnings.first?.hasPrefix(words) ?? false, "\(warnings)")
    }

    @Test func furtherTracksAreTold() throws {
        try folder.ffmpeg(
            ["-i", place.host, "-i", place.floats, "-map", "0", "-map", "1", "-c:a", "pcm_s16le"], to: "two.mov")
        let warnings = try embed("two.mov").warnings
        #expect(warnings.count == 1 && warnings[0].hasPrefix("one of 2 audio tracks was marked"), "\(warnings)")
    }

    private func little(_ value: Int) -> [UInt8] { Bombs.number(value).reversed() }

    private func chunk(_ type: String, _ body: [UInt8]) -> [UInt8] { Array(type.utf8) + little(body.count) + body }

    @Test func whatIsLeftOutOfWaveIsTold() throws {
        let plain = try RecordingFiles.bytes(place.host)
        let data = try #require(plain.firstRange(of: Array("data".utf8))).lowerBound
        let samples = Array(plain[(data + 8)...])
        let half = samples.count / 4 * 2
        func wave(_ chunks: [UInt8]) -> [UInt8] {
            Array("RIFF".utf8) + little(data - 8 + chunks.count) + plain[8..<data] + chunks
        }
        let two = wave(chunk("data", Array(samples[..<half])) + chunk("data", Array(samples[half...])))
        let labels = chunk("LIST", Array("adtl".utf8) + chunk("labl", little(1) + [0x41, 0]))
        let odd = wave(labels + chunk("strc", [1, 2, 3, 4]) + chunk("JUNK", [0, 0]) + chunk("data", samples))
        let files: [(String, [UInt8], String)] = [
            ("two.wav", two, "not marked: it has another data chunk of"),
            ("cut.wav", Array(plain[..<(data + 8 + half)]), "it ends before what it promises"),
            ("odd.wav", odd, "chunks that are not copied: LIST adtl, strc"),
        ]
        for (name, content, words) in files {
            let warnings = try embed(try RecordingFiles.write(content, to: name, in: folder)).warnings
            #expect(warnings.count == 1 && warnings[0].hasPrefix(words), "\(name): \(warnings)")
        }
    }
}
