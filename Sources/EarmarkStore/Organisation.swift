public import EarmarkFiles

/// An organisation whose meetings are marked.
public struct Organisation: Sendable, Equatable {
    /// Identifier, `o_` and 16 characters.
    public let id: OrganisationID
    /// Name as entered.
    public let name: String
    /// Domains whose hosts belong to the organisation, in lower case, sorted.
    public let domains: [String]
    /// Its decisions.
    public let settings: OrganisationSettings
    /// When it was added.
    public let createdAt: Timestamp
}
