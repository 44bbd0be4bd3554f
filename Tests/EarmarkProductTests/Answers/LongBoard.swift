import Foundation
import ProgramSupport

/// Recordings of the board's meeting of twenty-two minutes, marked in one piece, made once in a run.
struct LongBoard: Sendable {
    private static let made = Result { try LongBoard() }

    /// Length of the recordings, seconds: the board's speech over and over.
    static let seconds = 12 * Board.seconds
    /// Longest part of a recording in which stretches are laid, seconds.
    static let quarter = seconds / 4

    let board: Board
    /// A folder with the board's store and the recordings `host.wav`, `bela.wav`, `cara.wav`.
    let place: Workplace

    /// The one of this run.
    static func shared() throws -> LongBoard { try made.get() }

    private init() throws {
        board = try Board.shared()
        place = try board.workplace()
        try place.ffmpeg(["-stream_loop", "11", "-i", board.host, "-c:a", "copy"], to: "host.wav")
        for name in ["bela", "cara"] {
            try place.succeed(
                "embed", "host.wav", "\(name).wav", "--meeting", board.meeting, "--client", "\(name)@example.org",
                "--at",
                "\(Board.start)")
        }
    }

    /// A folder with the board's store, in which `recordings` are links.
    func workplace(_ recordings: String...) throws -> Workplace {
        let own = try board.workplace()
        for name in recordings {
            try FileManager.default.createSymbolicLink(atPath: own.file(name), withDestinationPath: place.file(name))
        }
        return own
    }

    /// The answer to a file, with stretches first.
    @discardableResult func answer(_ file: String, in place: Workplace, _ more: String...) throws -> JSON {
        try place.answer(file, ["--meeting", board.meeting, "--effort", "fast", "--triage"] + more)
    }

    /// Whether nothing of a file was read first, for this reason, and all of it then.
    static func isReadWhole(_ answer: JSON, because reason: String) -> Bool {
        answer["triage"].isAbsent && answer["tested"]["shares"].isAbsent
            && answer["warnings"].array.contains { $0.string?.contains(reason) ?? false }
    }
}
