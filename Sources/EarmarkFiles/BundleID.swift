/// The identifier of a sealed bundle, `b_` and 16 characters.
public struct BundleID: StoredID {
    /// The identifier as it is stored and shown.
    public let text: String

    /// Takes any text, since only the store knows which identifiers there are.
    public init(_ text: String) { self.text = text }
}
