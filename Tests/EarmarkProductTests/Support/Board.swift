import EarmarkTestSupport
import Foundation
import ProgramSupport

/// A meeting and marked recordings of it, made once in a run by the program itself; read, never changed.
///
/// Its microphones send no tags, so that levels decide who recorded. The roster begins with two clients that cannot
/// mark, so that a client's place among all differs from its place among those who can.
struct Board: Sendable {
    /// A row of the roster.
    struct Row: Sendable {
        let participant: String
        let email: String
        let device: String
        let kind: String
    }

    static let rows = [
        Row(participant: "Dario Demir", email: "dario@example.org", device: "browser", kind: "web"),
        Row(participant: "Elif Eriksen", email: "elif@example.org", device: "+49 30 0000000", kind: "telephone"),
        Row(participant: "Ada Abbott", email: "ada@example.org", device: "laptop", kind: "desktop"),
        Row(participant: "Bela Berger", email: "bela@example.org", device: "13 inch", kind: "desktop"),
        Row(participant: "Cara Costa", email: "cara@example.org", device: "tablet", kind: "mobile"),
        Row(participant: "Farid Fischer", email: "farid@example.org", device: "desk phone", kind: "sip"),
        Row(participant: "Board room", email: "room@example.org", device: "Wall", kind: "room"),
    ]

    /// Length of the recordings, seconds: more than the 100 s that analysis demands.
    static let seconds = 110.0
    /// Meeting time of their first sample, seconds.
    static let start = 1_234.5
    static let title = "Board"
    static let organisation = "Example Ltd"

    private static let made = Result { try Board() }

    /// The store, and the recordings.
    let folder: TemporaryFolder
    /// Identifier of the meeting.
    let meeting: String
    /// When the meeting began, Unix seconds: an hour ago or two.
    let startsAt: Int
    /// Identifiers of the clients by e-mail.
    let clients: [String: String]

    /// The one of this run.
    static func shared() throws -> Board { try made.get() }

    /// A folder with a copy of the store, to change at will.
    func workplace() throws -> Workplace { try Workplace(copyOf: folder) }

    /// Unmarked speech, mono, 16 kHz, 16 bits.
    var host: String { folder.file("host.wav") }
    /// What Bela's client would record, as WAV.
    var bela: String { folder.file("bela.wav") }
    /// What Cara's client would record, as WAV.
    var cara: String { folder.file("cara.wav") }

    private init() throws {
        let place = try Workplace()
        folder = place.folder
        startsAt = Int(Date().timeIntervalSince1970) / 3_600 * 3_600 - 3_600
        let roster = Board.rows.map { "\($0.participant),\($0.email),\($0.device),\($0.kind)\n" }.joined()
        try place.write("participant,email,device,kind\n" + roster, to: "roster.csv")
        try place.succeed("init", "--org", Board.organisation)
        let created = try place.json(
            "meeting", "create", "--title", Board.title, "--start", Board.time(startsAt), "--roster", "roster.csv",
            "--microphone-tags", "off")
        meeting = created["meeting"]["id"].string ?? ""
        let list = try place.json("client", "list", "--meeting", meeting)["clients"].array
        clients = Dictionary(
            list.map { ($0["email"].string ?? "", $0["id"].string ?? "") }, uniquingKeysWith: { first, _ in first })
        let speech = SpeechLike.samples(seconds: Board.seconds, seed: 61)
        try Media.wav([speech], rate: 16_000).write(to: folder.url.appendingPathComponent("host.wav"))
        for name in ["bela", "cara"] {
            try place.succeed(
                "embed", "host.wav", "\(name).wav", "--meeting", meeting, "--client", "\(name)@example.org", "--at",
                "\(Board.start)")
        }
    }

    /// Unix seconds as ISO 8601 in UTC, as the program writes them.
    static func time(_ seconds: Int) -> String {
        let formatter = ISO8601DateFormatter()
        formatter.timeZone = TimeZone(identifier: "UTC")
        return formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
    }
}
