public import EarmarkFiles

/// The record of a ticket: everything but its secrets.
public struct IssuedTicket: Sendable, Equatable {
    /// Identifier, `t_` and 26 characters that spell the ticket's 16 bytes in base32.
    public let id: TicketID
    /// The client it was issued to.
    public let client: Client
    /// When it was issued.
    public let issuedAt: Timestamp
    /// When it was revoked; nil while it is not.
    public let revokedAt: Timestamp?
}
