import EarmarkTestSupport
import Foundation
import ProgramSupport

/// Two meetings with tickets, one long past and one that runs now, and short clean recordings; made once in a run.
struct MarkingPlace: Sendable {
    static let rate = 16_000
    /// Length of the recordings, seconds; between 2 and 2.5 s they are silent.
    static let seconds = 4.0
    private static let made = Result { try MarkingPlace() }

    let folder: TemporaryFolder
    /// Meeting of 2026-03-02, 09:00 UTC.
    let meeting: String
    /// When the meeting that runs now began, Unix seconds.
    let started: Int
    /// Identifier of Bela's ticket, which was revoked.
    let revoked: String
    /// The recording's samples, mono, as 16 bits hold them.
    let samples: [Float]

    static func shared() throws -> MarkingPlace { try made.get() }

    var ada: String { folder.file("ada.ticket") }
    var bela: String { folder.file("bela.ticket") }
    /// Ada's ticket of the meeting that runs now.
    var now: String { folder.file("now.ticket") }
    /// What `earmark ticket revocations` printed.
    var list: String { folder.file("revoked.txt") }
    /// The clean recording, 16 bits and 32-bit floats.
    var host: String { folder.file("host.wav") }
    var floats: String { folder.file("floats.wav") }

    /// A folder with a copy of the store.
    func workplace() throws -> Workplace { try Workplace(copyOf: folder) }

    private init() throws {
        let place = try Workplace()
        folder = place.folder
        try place.write(
            "participant,email,device,kind\nAda,ada@example.org,laptop,desktop\nBela,bela@example.org,13 inch,desktop\n"
                + "Dario,dario@example.org,browser,web\n", to: "roster.csv")
        try place.succeed("init", "--org", "Example Ltd")
        func create(_ start: String) throws -> String {
            let made = try place.json(
                "meeting", "create", "--title", "Board", "--start", start, "--roster", "roster.csv")
            return made["meeting"]["id"].string ?? ""
        }
        meeting = try create("2026-03-02T09:00:00Z")
        started = Int(Date().timeIntervalSince1970) - 600
        let current = try create(Board.time(started))
        func issue(_ meeting: String, _ client: String, _ file: String) throws {
            try place.succeed("ticket", "issue", "--meeting", meeting, "--client", client, "-o", file)
        }
        try issue(meeting, "ada@example.org", "ada.ticket")
        try issue(meeting, "bela@example.org", "bela.ticket")
        try issue(current, "ada@example.org", "now.ticket")
        revoked = try place.json("ticket", "show", "bela.ticket")["ticket"]["id"].string ?? ""
        try place.succeed("ticket", "revoke", revoked)
        try place.write(try place.succeed("ticket", "revocations", "--meeting", meeting), to: "revoked.txt")
        var speech = SpeechLike.samples(seconds: MarkingPlace.seconds, seed: 41)
        for index in 32_000..<40_000 { speech[index] = 0 }
        samples = speech.map { ($0 * 32_768).rounded() / 32_768 }
        try Media.wav([samples], rate: MarkingPlace.rate).write(to: folder.url.appendingPathComponent("host.wav"))
        try place.ffmpeg(["-i", "host.wav".at(folder), "-c:a", "pcm_f32le"], to: "floats.wav")
    }

    /// All samples of the file at `path`, as FFmpeg decodes them.
    static func samples(of path: String) throws -> [Float] {
        let folder = try TemporaryFolder()
        let raw = try Media.ffmpeg(["-i", path, "-f", "f32le"], to: folder.file("raw"))
        return floats(try Data(contentsOf: URL(fileURLWithPath: raw)))
    }

    static func floats(_ data: Data) -> [Float] {
        data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    static func bytes(_ samples: [Float]) -> Data { samples.withUnsafeBytes { Data($0) } }

    /// How well one mark on `host` agrees with another, decibels.
    static func agreement(_ one: some Sequence<Float>, _ other: some Sequence<Float>, on host: [Float]) -> Double {
        Decibels.signalToNoise(
            zip(one, host).map { Double($0 - $1) }, reference: zip(other, host).map { Double($0 - $1) })
    }

    /// Level of the mark on `host`, decibels.
    static func level(_ marked: [Float], on host: [Float]) -> Double {
        Decibels.level(zip(marked, host).map { $0 - $1 })
    }
}

extension String {
    /// The file of this name in `folder`.
    fileprivate func at(_ folder: TemporaryFolder) -> String { folder.file(self) }
}
