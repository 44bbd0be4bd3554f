/// The identifier of a ticket: `t_` and the ticket's 16 bytes in base32, 26 characters of a-z and 2-7.
public struct TicketID: StoredID {
    /// The identifier as it is stored and shown.
    public let text: String

    /// Takes any text, since only the store knows which identifiers there are.
    public init(_ text: String) { self.text = text }
}
