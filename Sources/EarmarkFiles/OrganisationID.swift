/// The identifier of an organisation: `o_` and 16 characters of a-z and 2-7.
public struct OrganisationID: StoredID {
    /// The identifier as it is stored and shown.
    public let text: String

    /// Takes any text, since only the store knows which identifiers there are.
    public init(_ text: String) { self.text = text }
}
