/// The identifier of an enrolled meeting: `m_` and 16 characters of a-z and 2-7.
public struct MeetingID: StoredID {
    /// The identifier as it is stored and shown.
    public let text: String

    /// Takes any text, since only the store knows which identifiers there are.
    public init(_ text: String) { self.text = text }
}
