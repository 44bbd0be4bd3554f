/// Why bytes are no ticket, or parts make none.
///
/// Equality looks at `code` alone.
public struct TicketError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable {
        /// The magic number is missing.
        case notATicket
        /// The format version is unknown.
        case version
        /// The ticket makes marks of a profile that this version neither makes nor finds.
        case profile
        /// A flag that this version does not know is set.
        case flags
        /// The bytes end early.
        case truncated
        /// Bytes follow the end of the ticket.
        case trailingData
        /// The checksum does not match: the file is damaged.
        case checksum
        /// An identifier has a wrong length or a forbidden character.
        case identifier
        /// The validity ends before it begins.
        case validity
    }

    /// The kind of failure.
    public let code: Code

    /// Number of the mark profile that the ticket names; nil unless that is what is wrong.
    public let profile: Int?

    /// Wraps `code`.
    public init(_ code: Code) {
        self.code = code
        profile = nil
    }

    /// The error of a ticket of an unknown profile.
    init(profile: Int) {
        code = .profile
        self.profile = profile
    }

    /// Whether the kinds are equal.
    public static func == (one: TicketError, other: TicketError) -> Bool { one.code == other.code }

    /// What is wrong and what to do.
    public var message: String {
        switch code {
        case .notATicket: "this is not a ticket file"
        case .version: "the ticket has an unknown format version: it is damaged or needs a newer Earmark"
        case .profile:
            "the ticket makes marks of profile \(profile ?? 0), and this version those of profile "
                + "\(MarkProfile.inForce.rawValue): issue the ticket again with the same version of Earmark"
        case .flags: "the ticket sets an unknown flag: it is damaged or needs a newer Earmark"
        case .truncated: "the ticket file is cut short: copy or issue it again"
        case .trailingData: "the ticket file has bytes after its end: copy or issue it again"
        case .checksum: "the ticket file is damaged (its checksum is wrong): copy or issue it again"
        case .identifier: "the ticket names its meeting or client with a malformed identifier"
        case .validity: "the ticket's validity ends before it begins"
        }
    }

    /// The message.
    public var description: String { message }
}
