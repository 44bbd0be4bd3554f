import Foundation
import ProgramSupport
import Testing

/// docs/errors.md, `unsupportedType`: "run the ffmpeg line that the message gives".
@Suite struct AdvisedCommandTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private func shell(_ line: String) throws -> Int32 {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = ["-c", line]
        shell.currentDirectoryURL = place.folder.url
        shell.standardError = FileHandle.nullDevice
        shell.standardInput = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        return shell.terminationStatus
    }

    private func errors(_ name: String) throws -> String {
        try place.run("analyze", "--meeting", board.meeting, "--", name).errors
    }

    private func advice(_ name: String) throws -> String {
        let errors = try errors(name)
        return try #require(errors.components(separatedBy: "Convert it: ").dropFirst().first, "\(errors)")
    }

    /// A program that records desktop and microphone apart: the mark is in the second track.
    @Test(arguments: ["obs.mkv", "new\nline.mkv", "concat:a.mkv", "esc\u{1B}[2J.mkv", "-y.mkv"])
    func theLineKeepsAllTracksWhateverTheName(name: String) throws {
        let inputs = ["-i", board.host, "-i", board.bela, "-map", "0", "-map", "1", "-c:a", "aac"]
        try FileManager.default.moveItem(
            atPath: try place.ffmpeg(inputs, to: "made.mkv"), toPath: place.file(name))
        #expect(try shell(try advice(name)) == 0)
        let made = String(name.dropLast(4)) + ".mov"
        let result = try place.run(
            "analyze", "--meeting", board.meeting, "--effort", "fast", "--json", "--", made)
        let answer = try JSON(text: result.text)["analyses"][0]
        #expect(answer["verdict"].string == "identified" && answer["file"]["tracks"].array.count == 2, "\(answer)")
    }

    /// FFmpeg reads none of these either.
    @Test func noLineIsGivenThatCannotWork() throws {
        try place.write("minutes of the meeting, in words\n", to: "minutes.wav")
        let tar = [UInt8](repeating: 0, count: 257) + Array("ustar".utf8) + [UInt8](repeating: 0, count: 2_000)
        try RecordingFiles.write(tar, to: "x.tar", in: place)
        try RecordingFiles.write([UInt8](repeating: 0, count: 9_000), to: "zeros.wav", in: place)
        for (name, words) in [
            ("minutes.wav", "is text, not a recording"), ("x.tar", "is a tar archive, not a recording"),
            ("zeros.wav", "of an unknown type"),
        ] {
            let errors = try errors(name)
            #expect(errors.contains(words) && !errors.contains("ffmpeg"), "\(errors)")
        }
    }

    /// Players find what stands behind something else.
    @Test func recordingsBehindOtherThingsAreTold() throws {
        let mp3 = try RecordingFiles.bytes(try place.ffmpeg(["-i", board.bela, "-b:a", "64k"], to: "b.mp3"))
        let wave = try RecordingFiles.bytes(board.bela)
        let junk = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7) & 0x7F }
        for (content, name, start) in [
            (Array("%PDF-1.4\n".utf8) + mp3, "MP3", 9), ([0xFF, 0xD8, 0xFF, 0xE0] + junk + wave, "WAV", 3_004),
            (junk + wave, "WAV", 3_000),
        ] as [([UInt8], String, Int)] {
            try RecordingFiles.write(content, to: "x.bin", in: place)
            let errors = try errors("x.bin")
            #expect(errors.contains("it may be \(name): 'tail -c +"), "\(errors)")
            guard name == "WAV" else { continue }
            #expect(errors.contains("'tail -c +\(start + 1)'"), "\(errors)")
            #expect(try shell("tail -c +\(start + 1) x.bin >out.wav && cmp out.wav \(board.bela)") == 0)
        }
    }

    @Test func wrongHeadsHaveTheirWords() throws {
        var slow = try RecordingFiles.bytes(board.host)
        slow.replaceSubrange(24..<28, with: [1, 0, 0, 0])
        try RecordingFiles.write(slow, to: "slow.wav", in: place)
        let rate = try place.run("analyze", "slow.wav", "--meeting", board.meeting)
        #expect(rate.exitStatus == 27 && rate.errors.contains("its sample rate is 1 Hz"), "\(rate.errors)")
        var empty = try RecordingFiles.bytes(board.host)
        empty.replaceSubrange(34..<36, with: [0, 0])
        empty.replaceSubrange(32..<34, with: [0, 0])
        try RecordingFiles.write(empty, to: "bits.wav", in: place)
        #expect(!(try errors("bits.wav").contains("0x0001")))
        try FileManager.default.createSymbolicLink(
            atPath: place.file("link.m4a"), withDestinationPath: "nowhere")
        #expect(try errors("link.m4a").contains("is a link to 'nowhere', which is not there"))
    }
}
