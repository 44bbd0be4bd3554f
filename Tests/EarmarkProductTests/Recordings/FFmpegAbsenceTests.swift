import Foundation
import ProgramSupport
import Testing

/// Only what decodes loads FFmpeg: docs/packages.md, "Sizes and dependencies".
@Suite struct FFmpegAbsenceTests {
    /// Where the loader looks first: libraries of FFmpeg's names, of whatever version, that are none.
    ///
    /// A program that is linked with one of them does not even start.
    private static func withoutFFmpeg(_ place: Workplace) throws -> [String: String] {
        try FileManager.default.createDirectory(atPath: place.file("lib"), withIntermediateDirectories: false)
        for library in ["avcodec", "avformat", "avutil", "swresample"] {
            for version in 1..<100 { try place.write("none", to: "lib/lib\(library).so.\(version)") }
        }
        return ["LD_LIBRARY_PATH": place.file("lib")]
    }

    private static func board() throws -> (Board, Workplace) {
        let board = try Board.shared()
        return (board, try board.workplace())
    }

    @Test func whatDecodesNothingDoesWithout() throws {
        let (board, place) = try FFmpegAbsenceTests.board()
        let environment = try FFmpegAbsenceTests.withoutFFmpeg(place)
        for arguments in [
            ["--version"], ["--help"], ["meeting", "show", board.meeting], ["client", "list", "--meeting", "latest"],
            ["ticket", "issue", "--meeting", "latest", "--client", "bela@example.org", "-o", "bela.ticket"],
            ["ticket", "show", "bela.ticket"], ["audit", "verify"], ["analysis", "list"],
        ] {
            let result = try place.run(arguments, environment: environment)
            #expect(result.exitStatus == 0, "\(arguments): \(result.errors)")
        }
    }

    /// Clean audio in WAV is libsndfile's; other types are not.
    @Test func wavIsMarkedWithoutAndOtherTypesSayWhatIsMissing() throws {
        let (board, place) = try FFmpegAbsenceTests.board()
        let environment = try FFmpegAbsenceTests.withoutFFmpeg(place)
        let options = ["--meeting", board.meeting, "--client", "bela@example.org", "--at", "60"]
        let wav = try place.run(["embed", board.host, "marked.wav"] + options, environment: environment)
        #expect(wav.exitStatus == 0, "\(wav.errors)")
        try place.write("no audio", to: "words.m4a")
        let other = try place.run(["embed", "words.m4a", "marked.wav"] + options, environment: environment)
        #expect(other.exitStatus == 74, "\(other.errors)")
        FFmpegAbsenceTests.expectAdvice(other)
        // With it, the file itself is to blame.
        let blamed = try place.run(["embed", "words.m4a", "other.wav"] + options)
        #expect(blamed.exitStatus == 20 && !blamed.errors.contains("FFmpeg"), "\(blamed.errors)")
    }

    @Test func anAnalysisSaysWhatIsMissing() throws {
        let (board, place) = try FFmpegAbsenceTests.board()
        let environment = try FFmpegAbsenceTests.withoutFFmpeg(place)
        let analyze = ["analyze", board.bela, "--meeting", board.meeting]
        let result = try place.run(analyze, environment: environment)
        #expect(result.exitStatus == 74, "\(result.errors)")
        FFmpegAbsenceTests.expectAdvice(result)
        // A reason that is not the content's: the same file is analysed again once it is there.
        #expect(try place.run(["analysis", "list"]).text.contains("refused (unreadable)"))
    }

    private static func expectAdvice(_ result: ProcessRunner.Result) {
        #expect(result.errors.contains("FFmpeg, which decodes it, cannot be loaded. Install its libraries libavformat"))
        #expect(result.errors.contains("LD_LIBRARY_PATH"))
    }

    /// docs/batch.md: "A file that could not be read is asked about again", and a copy of it, too.
    @Test func aBatchAsksAgainOnceItIsThere() throws {
        let batch = try BatchPlace("a.wav")
        try batch.add("in/copy.wav", seed: 1)
        let environment = try FFmpegAbsenceTests.withoutFFmpeg(batch.place)
        let arguments = ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--resume"] + BatchPlace.quick
        #expect(try batch.place.run(arguments, environment: environment).exitStatus == 30)
        let refused = try batch.lines()
        #expect(refused.map { $0["refusal"]["code"].string } == ["unreadable", "unreadable"])
        #expect(try batch.place.run(arguments).exitStatus == 0)
        for name in ["in/a.wav", "in/copy.wav"] {
            #expect(try batch.lines().last(about: name)["verdict"].string == "not-found", "\(name)")
        }
    }
}
