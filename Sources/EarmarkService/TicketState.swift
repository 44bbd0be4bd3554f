public import EarmarkFiles
import EarmarkLive
public import EarmarkMark

/// What a ticket may do at a time; the raw value is stable and appears in output.
public enum TicketState: String, CaseIterable, Sendable {
    /// It may mark.
    case valid
    /// Its time has not begun.
    case notYetValid
    /// Its time has run out.
    case expired
    /// Whoever issued it has revoked it.
    case revoked
}

extension Ticket {
    /// What the ticket may do at `time`.
    public func state(at time: Timestamp, isRevoked: Bool) -> TicketState {
        if isRevoked { return .revoked }
        if time.seconds < notBefore { return .notYetValid }
        return time.seconds > notAfter ? .expired : .valid
    }

    /// When a second of the ticket's meeting is, fractions dropped; now if nil.
    public func instant(at second: Double?) -> Timestamp {
        guard let second else { return Timestamp(seconds: Int64(WallClock.now.rounded(.down))) }
        return Timestamp(seconds: meetingStart + Int64(second.rounded(.down)))
    }
}
