package import EarmarkConsole
package import EarmarkFiles
package import EarmarkMark
import EarmarkReport
package import EarmarkService
import EarmarkStore

extension TicketState {
    /// The state at a time, as every verb says it.
    package func words(at time: Timestamp) -> String {
        switch self {
        case .valid: "valid at \(time)"
        case .notYetValid: "not valid yet at \(time)"
        case .expired: "no longer valid at \(time)"
        case .revoked: "revoked"
        }
    }
}

extension Ticket {
    /// What is wrong with the ticket, and what to do about it; nil if it may mark.
    ///
    /// A meeting's own time judges where it is given, whenever that is; the clock only where none is.
    package func problem(at second: Double?, isRevoked: Bool) -> String? {
        let time = instant(at: second)
        return problem(state(at: time, isRevoked: isRevoked), at: time, second)
    }

    /// The same of what was judged already, at a time of which `second` of the meeting's may have been given.
    package func problem(_ state: TicketState, at time: Timestamp, _ second: Double?) -> String? {
        let begins = Timestamp(seconds: notBefore)
        let which =
            second.map { "meeting start \($0 < 0 ? "-" : "+") \(abs($0)) s" }
            ?? "the clock; say --at if the audio is of another time"
        let times =
            "the ticket \(ticketID) is \(state.words(at: time)) (\(which)): it is valid from \(begins) to "
            + "\(Timestamp(seconds: notAfter)); "
        switch state {
        case .valid: return nil
        case .revoked:
            return "the ticket \(ticketID) is revoked: issue another one ('earmark ticket issue') and mark with that"
        case .notYetValid:
            return times + "it is not valid before \(LocalTime.text(begins)): wait till then, or correct the meeting's "
                + "start ('earmark meeting edit --start') and issue the ticket anew"
        case .expired: return times + "issue another one for a meeting that is on ('earmark ticket issue')"
        }
    }

    /// Refuses a ticket that may not mark, with the reason.
    package func requireUsable(at second: Double?, isRevoked: Bool) throws(CommandError) {
        guard let problem = problem(at: second, isRevoked: isRevoked) else { return }
        throw CommandError(.invalidInput, problem)
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
        words = state.words(at: judgedAt)
        id = ticket.id
        meeting = ticket.meeting
        client = ticket.client
        notBefore = ticket.notBefore
        notAfter = ticket.notAfter
    }

    private enum CodingKeys: String, CodingKey {
        case state, judgedAt, id, meeting, client, notBefore, notAfter
    }

    package let words: String

    package var text: String { ticket.text(status: words) }
}
