import Foundation
import ProgramSupport

/// Recordings of the board's meeting that carry marks in amounts of the test's choosing, made once in a run.
///
/// What a client's recording has beyond the unmarked speech is its mark, so the speech with a share of that is what a
/// mark of that share leaves.
struct Mixes: Sendable {
    /// Whose mark.
    enum Who: Sendable {
        /// Three laptops and devices of the roster, at the meeting time `Board.start`.
        case ada, bela, cara, room
        /// Cara's and Ada's once more, played 0.3 s earlier in the meeting.
        case late, lateAda
        /// A client of the same meeting that this store does not know.
        case stranger
    }

    private static let made = Result { try Mixes() }

    let board: Board
    /// A folder with the board's store, in which files are made and analysed; settings stay as they are.
    let place: Workplace
    /// Another, whose organisation names at 1e-4: weak marks reach that whatever the meeting's keys happen to be.
    let lenient: Workplace
    private let host: [Float]
    private let marked: [Who: [Float]]

    /// The one of this run.
    static func shared() throws -> Mixes { try made.get() }

    private init() throws {
        board = try Board.shared()
        place = try board.workplace()
        lenient = try board.workplace()
        try lenient.succeed("settings", "set", "threshold", "1e-4")
        let other = try board.workplace()
        try other.succeed(
            "client", "add", "--meeting", board.meeting, "--participant", "Nobody", "--email", "zed@example.org",
            "--device", "laptop")
        host = try Mixes.samples(board.host)
        var marked = [Who.bela: try Mixes.samples(board.bela), .cara: try Mixes.samples(board.cara)]
        for (who, name, time, workplace) in [
            (Who.ada, "ada", Board.start, place), (.room, "room", Board.start, place),
            (.late, "cara", Board.start - 0.3, place), (.lateAda, "ada", Board.start - 0.3, place),
            (.stranger, "zed", Board.start, other),
        ] {
            try workplace.succeed(
                "embed", board.host, "\(name).wav", "--meeting", board.meeting, "--client", "\(name)@example.org",
                "--at", "\(time)")
            marked[who] = try Mixes.samples(workplace.file("\(name).wav"))
        }
        self.marked = marked
    }

    /// The unmarked speech with shares of marks.
    func mix(_ parts: [(share: Float, who: Who)]) -> [Float] {
        var result = host
        for (share, who) in parts {
            guard let samples = marked[who] else { continue }
            for index in result.indices { result[index] += share * (samples[index] - host[index]) }
        }
        return result
    }

    /// Writes channels (mono, 16 kHz) to a file of the folder and returns its name.
    @discardableResult func write(_ channels: [Float]..., to name: String) throws -> String {
        try Media.wav(channels, rate: 16_000).write(to: URL(fileURLWithPath: place.file(name)))
        return name
    }

    /// Samples of a mono WAV file of 16 bits.
    static func samples(_ path: String) throws -> [Float] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        guard let start = bytes.firstRange(of: Array("data".utf8))?.upperBound else {
            throw ProcessRunner.Failure(description: "\(path) is no WAV file")
        }
        return stride(from: start + 4, to: bytes.count - 1, by: 2).map { index in
            Float(Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)) / 32_768
        }
    }

    /// Analyses a file of the folder where weak marks are named.
    func analyseLeniently(_ file: String) throws -> Printed {
        try Printed(lenient, "analyze", place.file(file), "--meeting", board.meeting, "--json")
    }

    /// Analyses a file of the folder for the board's meeting.
    func analyse(_ file: String, _ arguments: String...) throws -> Printed {
        try Printed(place, ["analyze", file, "--meeting", board.meeting, "--json"] + arguments)
    }
}

/// What a run of the program printed and how it ended.
struct Printed: Sendable {
    let result: ProcessRunner.Result

    init(_ place: Workplace, _ arguments: [String]) throws { result = try place.run(arguments) }

    init(_ place: Workplace, _ arguments: String...) throws { try self.init(place, arguments) }

    var exitStatus: Int32 { result.exitStatus }
    var text: String { result.text }
    var errors: String { result.errors }
    /// The object that was printed.
    var json: JSON { get throws { try JSON(text: result.text) } }
    /// The first entry of `analyses`.
    var answer: JSON { get throws { try json["analyses"][0] } }
}

extension JSON {
    /// E-mails of the entries.
    var emails: [String] { array.map { $0["email"].string ?? "" } }

    /// Entries by e-mail.
    subscript(email email: String) -> JSON { array.first { $0["email"].string == email } ?? JSON(nil) }
}
