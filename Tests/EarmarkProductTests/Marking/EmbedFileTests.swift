import Foundation
import ProgramSupport
import Testing

/// `earmark embed --help`: OUT has the same rate, channels and length and, where it can hold them, format and metadata.
@Suite struct EmbedFileTests {
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    /// What ffprobe tells of a file's sound.
    private func probe(_ path: String) throws -> JSON {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSON(data: data)
    }

    private func embed(_ input: String, _ output: String) throws -> JSON {
        try folder.json("embed", input, output, "--ticket", place.ada, "--at", "12.5")["embedded"]
    }

    @Test(
        arguments: [
            ("in.wav", "pcm_s16le", 16_000, 1, "out.wav", "pcm_s16le"),
            ("in.wav", "pcm_s24le", 44_100, 2, "out.wav", "pcm_s24le"),
            ("in.wav", "pcm_f32le", 8_000, 8, "out.wav", "pcm_f32le"),
            ("in.wav", "pcm_f64le", 48_000, 1, "out.wav", "pcm_f64le"),
            ("in.flac", "flac", 48_000, 2, "out.flac", "flac"),
            ("in.aiff", "pcm_s16be", 22_050, 1, "out.aiff", "pcm_s16be"),
            ("in.caf", "pcm_s16le", 192_000, 1, "out.caf", nil),
            ("in.w64", "pcm_s24le", 96_000, 2, "out.w64", "pcm_s24le"),
            ("in.wav", "pcm_s16le", 48_000, 3, "out.rf64", "pcm_s16le"),
            ("in.wav", "pcm_f32le", 16_000, 1, "out.flac", "flac"),
        ] as [(String, String, Int, Int, String, String?)])
    func shapesAreKept(
        input: String, codec: String, rate: Int, channels: Int, output: String, kept: String?
    ) throws {
        let pan = (0..<channels).map { "c\($0)=\(1 - 0.1 * Double($0))*c0" }.joined(separator: "|")
        let made = try folder.ffmpeg(
            [
                "-i", place.host, "-t", "1.5", "-af", "pan=\(channels)c|\(pan)", "-ar", "\(rate)", "-c:a", codec,
                "-metadata", "title=Minutes",
            ], to: input)
        let view = try embed(made, output)
        let found = try probe(folder.file(output))
        let stream = found["streams"][0]
        #expect(stream["sample_rate"].string == "\(rate)" && stream["channels"].int == channels)
        if let kept { #expect(stream["codec_name"].string == kept) }
        let before = try MarkingPlace.samples(of: made)
        let after = try MarkingPlace.samples(of: folder.file(output))
        #expect(after.count == before.count)
        // Every channel is marked, 8 to 40 dB below its sound.
        for channel in 0..<channels {
            let places = stride(from: channel, to: before.count, by: channels)
            let host = places.map { before[$0] }
            let mark = MarkingPlace.level(places.map { after[$0] }, on: host)
            let level = MarkingPlace.level(host, on: host.map { _ in 0 })
            #expect(level - mark > 8 && level - mark < 40, "channel \(channel)")
        }
        let tags = found["format"]["tags"]
        if output.hasSuffix(".wav") || output.hasSuffix(".flac") {
            #expect((tags["title"].string ?? tags["TITLE"].string) == "Minutes")
        }
        #expect(view["frames"].int == before.count / channels)
        #expect(view["sampleRate"].int == rate && view["channels"].int == channels)
        #expect(view["seconds"].double == Double(before.count / channels) / Double(rate))
        #expect(view["strength"].string == "standard" && view["at"].double == 12.5)
        #expect(view["input"].string == made && view["output"].string == output)
    }

    /// Any other audio or video is decoded.
    @Test(arguments: [("talk.mp4", "aac"), ("talk.ogg", "libopus"), ("talk.mp3", "libmp3lame")])
    func otherTypesAreDecoded(name: String, codec: String) throws {
        let made = try folder.ffmpeg(
            ["-i", place.host, "-ar", "48000", "-ac", "2", "-c:a", codec], to: name)
        let view = try embed(made, "out.wav")
        #expect(view["sampleRate"].int == 48_000 && view["channels"].int == 2)
        #expect(abs((view["seconds"].double ?? 0) - 4) < 0.1)
        #expect(try probe(folder.file("out.wav"))["streams"][0]["sample_rate"].string == "48000")
    }

    @Test func textSaysWhatWasMarked() throws {
        let text = try folder.succeed(
            "embed", place.host, "out.wav", "--ticket", place.ada, "--at", "754.2", "--strength", "robust")
        for (name, value) in [
            ("marked", "out.wav"), ("length", "4.0 s"), ("format", "16000 Hz, 1 channel"), ("strength", "robust"),
            ("meeting time", "754.200 s"),
        ] {
            let isThere = text.split(separator: "\n").contains { $0.hasPrefix(name) && $0.hasSuffix(" " + value) }
            #expect(isThere, "\(name): \(text)")
        }
    }

    /// OUT is replaced where it exists, and not touched where nothing is written.
    @Test func outputIsReplacedOrLeftAlone() throws {
        try folder.write("precious", to: "out.wav")
        for (arguments, status) in [
            (["none.wav", "out.wav"], 66), ([place.list, "out.wav"], nil), ([place.host, "out.mp3"], nil),
        ] as [([String], Int32?)] {
            let result = try folder.run(["embed"] + arguments + ["--ticket", place.ada])
            #expect(result.exitStatus != 0 && result.exitStatus != 1 && result.errors.hasPrefix("earmark: error: "))
            if let status { #expect(result.exitStatus == status) }
        }
        #expect(try folder.text(of: "out.wav") == "precious")
        #expect(!FileManager.default.fileExists(atPath: folder.file("out.mp3")))
        _ = try embed(place.host, "out.wav")
        #expect(try MarkingPlace.samples(of: folder.file("out.wav")).count == place.samples.count)
    }

    /// The unmarked audio would be lost: OUT is never IN, by no link.
    @Test func theUnmarkedAudioIsNotOverwritten() throws {
        try FileManager.default.copyItem(atPath: place.host, toPath: folder.file("in.wav"))
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: folder.file("link.wav"), withDestinationPath: "in.wav")
        try manager.linkItem(atPath: folder.file("in.wav"), toPath: folder.file("hard.wav"))
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("in.wav")))
        for (input, output) in [
            ("in.wav", "in.wav"), ("in.wav", "./in.wav"), ("in.wav", "link.wav"), ("link.wav", "in.wav"),
            ("in.wav", "hard.wav"), ("hard.wav", "link.wav"),
        ] {
            let result = try folder.run(["embed", input, output, "--ticket", place.ada])
            #expect(result.exitStatus == 65 && result.errors.contains("would be lost"), "\(input) \(output)")
        }
        for name in ["in.wav", "link.wav", "hard.wav"] {
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file(name))) == before)
        }
        _ = try embed("link.wav", "other.wav")
    }

    /// A disk that fills up half-way ends it, on any number of processors, and nothing is left behind.
    @Test(arguments: ["", "taskset -c 0 "])
    func aFullDiskIsToldAndLeavesNothing(prefix: String) throws {
        try folder.ffmpeg(
            ["-f", "lavfi", "-i", "anoisesrc=r=48000:a=0.1:seed=5:d=10", "-c:a", "pcm_s16le"], to: "a.wav")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let program = try ProcessRunner.executable.path
        process.arguments = [
            "-c",
            "trap '' XFSZ; ulimit -f 600; exec \(prefix)'\(program)' embed a.wav out.wav --ticket \(place.ada) 2>err",
        ]
        process.currentDirectoryURL = folder.folder.url
        process.environment = folder.folder.environment
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 74)
        #expect(try folder.text(of: "err").contains("earmark: error: out.wav: "))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.folder.url.path)
        #expect(!names.contains { $0.hasPrefix("out.wav") || $0.hasSuffix(".part") })
    }

    /// 8 to 192 kHz and 1 to 8 channels can be marked.
    @Test(arguments: [(4_000, 1), (48_000, 9)])
    func otherShapesAreRefused(rate: Int, channels: Int) throws {
        let silence = [Float](repeating: 0.1, count: 4_000)
        try Media.wav(Array(repeating: silence, count: channels), rate: rate)
            .write(to: URL(fileURLWithPath: folder.file("odd.wav")))
        let result = try folder.run(["embed", "odd.wav", "out.wav", "--ticket", place.ada])
        #expect(result.exitStatus == 65 && result.errors.contains("odd.wav"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("out.wav")))
    }
}
