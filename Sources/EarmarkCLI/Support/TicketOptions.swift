import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkLive
import EarmarkMark
import EarmarkService
import EarmarkStore

/// A list of tickets that must not mark.
struct RevocationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Refuse tickets on this list (see 'earmark ticket revocations').", valueName: "file"),
        completion: .file())
    var revocations: String?

    /// The list, if one is named.
    func list() throws -> RevocationList? {
        guard let revocations else { return nil }
        let bytes = try SmallFile.read(revocations, maximumByteCount: RevocationList.maximumByteCount)
        do throws(LiveError) {
            return try RevocationList(parsing: bytes)
        } catch {
            throw CommandError(.invalidInput, "'\(revocations)': \(error.message)")
        }
    }
}

/// Positions on a meeting's timeline, on the command line.
enum MeetingTime {
    /// A day either way of the meeting: more is a mistake in the units, seconds.
    private static let furthest = 172_800.0

    static func validate(_ seconds: Double) throws {
        guard seconds.isFinite, abs(seconds) <= furthest else {
            throw ValidationError("--at must lie within two days, in seconds.")
        }
    }
}

extension Ticket {
    /// Refuses a ticket that may not mark, with the reason.
    ///
    /// A meeting's own time judges where it is given, whenever that is; the clock only where none is.
    func requireUsable(at second: Double?, revocations: RevocationList?) throws(CommandError) {
        let time = instant(at: second)
        switch state(at: time, isRevoked: revocations?.contains(self) ?? false) {
        case .valid: return
        case .revoked:
            throw CommandError(.invalidInput, "the ticket \(ticketID) has been revoked: issue a new one")
        case .notYetValid, .expired:
            let which =
                second.map { "meeting start + \($0) s" } ?? "the clock; say --at if the audio is of another time"
            let begins = Timestamp(seconds: notBefore)
            let advice =
                time < begins
                ? "it is not valid before \(LocalTime.text(begins)): wait till then, or correct the meeting's start "
                    + "('earmark meeting edit --start') and issue the ticket anew"
                : "it is no longer valid: issue another one for a meeting that is on"
            throw CommandError(
                .invalidInput,
                "the ticket is valid from \(begins) to \(Timestamp(seconds: notAfter)), "
                    + "not at \(time) (\(which)); \(advice)")
        }
    }
}
