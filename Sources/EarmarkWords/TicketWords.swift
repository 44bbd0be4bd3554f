package import EarmarkConsole
package import EarmarkFiles
package import EarmarkLive
package import EarmarkMark
import EarmarkReport
package import EarmarkService
import EarmarkStore

extension Ticket {
    /// Refuses a ticket that may not mark, with the reason.
    ///
    /// A meeting's own time judges where it is given, whenever that is; the clock only where none is.
    package func requireUsable(at second: Double?, revocations: RevocationList?) throws(CommandError) {
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

/// A ticket and what it may do.
package struct TicketStatusView: Encodable {
    package let state: String
    package let judgedAt: String
    package let id: String
    package let meeting: String
    package let client: String
    package let notBefore: String
    package let notAfter: String
    private let ticket: TicketView

    package init(_ ticket: TicketView, _ state: TicketState, judgedAt: Timestamp) {
        self.ticket = ticket
        self.state = state.rawValue
        self.judgedAt = judgedAt.text
        id = ticket.id
        meeting = ticket.meeting
        client = ticket.client
        notBefore = ticket.notBefore
        notAfter = ticket.notAfter
    }

    private enum CodingKeys: String, CodingKey {
        case state, judgedAt, id, meeting, client, notBefore, notAfter
    }

    package var words: String {
        switch TicketState(rawValue: state) {
        case .notYetValid: "not valid yet at \(judgedAt)"
        case .expired: "no longer valid at \(judgedAt)"
        case .revoked: "revoked"
        default: "valid at \(judgedAt)"
        }
    }

    package var text: String { Table.list(["status": words]) + "\n" + ticket.text }
}
