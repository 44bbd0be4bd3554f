/// Why live audio cannot be marked.
///
/// The numbers are those of `earmark_status` in earmark.h and never change.
public enum LiveError: Int32, Error, Sendable, CaseIterable {
    /// A number is out of its range.
    case invalidArgument = 1
    /// The sample rate or number of channels cannot be marked.
    case unsupportedFormat = 2
    /// The ticket file cannot be read.
    case ticketUnreadable = 3
    /// The bytes are no whole ticket of a known version.
    case ticketInvalid = 4
    /// The ticket is not valid yet.
    case ticketNotYetValid = 5
    /// The ticket is valid no longer.
    case ticketExpired = 6
    /// A revocation list names the ticket.
    case ticketRevoked = 7
    /// The revocation list cannot be read.
    case revocationsUnreadable = 8

    /// What is wrong and what to do.
    public var message: StaticString {
        switch self {
        case .invalidArgument: "an argument is missing or out of its range"
        case .unsupportedFormat: "only 1 to 8 channels at 8,000 to 192,000 Hz can be marked"
        case .ticketUnreadable: "the ticket file cannot be read: check its path and permissions"
        case .ticketInvalid: "this is no ticket, or it is damaged or of a newer version: copy or issue it again"
        case .ticketNotYetValid: "the ticket is not valid yet at this time: check the clock and the meeting's time"
        case .ticketExpired: "the ticket is no longer valid at this time: issue a new one, or check the clock"
        case .ticketRevoked: "the ticket has been revoked: issue a new one"
        case .revocationsUnreadable: "the revocation list cannot be read, or is none: export it again"
        }
    }
}
