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
    /// What the ticket may do at `time`, Unix seconds.
    public func state(at time: Int64, isRevoked: Bool) -> TicketState {
        if isRevoked { return .revoked }
        if time < notBefore { return .notYetValid }
        return time > notAfter ? .expired : .valid
    }

    /// Unix seconds of a second of the ticket's meeting, fractions dropped; now if nil.
    public func instant(at second: Double?) -> Int64 {
        guard let second else { return Int64(WallClock.now.rounded(.down)) }
        return meetingStart + Int64(second.rounded(.down))
    }
}
