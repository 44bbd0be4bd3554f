import ArgumentParser
import EarmarkFiles
import EarmarkLive
import EarmarkMark
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

/// Whether a ticket may mark.
enum TicketCheck {
    /// What a ticket may do at a time.
    enum State: String {
        case valid, notYetValid, expired, revoked
    }

    /// State of `ticket` at second `at` of its meeting, or now if nil.
    static func state(_ ticket: Ticket, at: Double?, isRevoked: Bool) -> State {
        if isRevoked { return .revoked }
        let time = instant(ticket, at: at)
        if time < ticket.notBefore { return .notYetValid }
        return time > ticket.notAfter ? .expired : .valid
    }

    /// Unix seconds of second `at` of the meeting, or now.
    ///
    /// A meeting's own time judges where it is given, whenever that is; the clock only where none is.
    static func instant(_ ticket: Ticket, at: Double?) -> Int64 {
        guard let at else { return Int64(WallClock.now.rounded(.down)) }
        return ticket.meetingStart + Int64(at.rounded(.down))
    }

    /// Refuses a ticket that may not mark, with the reason.
    static func requireUsable(_ ticket: Ticket, at: Double?, revocations: RevocationList?) throws(CommandError) {
        switch state(ticket, at: at, isRevoked: revocations?.contains(ticket) ?? false) {
        case .valid: return
        case .revoked:
            throw CommandError(.invalidInput, "the ticket \(ticket.idText) has been revoked: issue a new one")
        case .notYetValid, .expired:
            let time = UTCTime.text(instant(ticket, at: at))
            let which = at.map { "meeting start + \($0) s" } ?? "the clock; say --at if the audio is of another time"
            throw CommandError(
                .invalidInput,
                "the ticket is valid from \(UTCTime.text(ticket.notBefore)) to \(UTCTime.text(ticket.notAfter)), "
                    + "not at \(time) (\(which))")
        }
    }
}
