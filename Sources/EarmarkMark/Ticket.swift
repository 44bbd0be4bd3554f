/// The embedding credential of one client for one meeting.
///
/// Whoever holds a ticket can make its client's mark for its meeting, and nobody else's. The description never shows
/// the seeds. See `docs/file-formats.md` for the file that `serialized()` writes.
public struct Ticket: Sendable, Equatable, CustomStringConvertible {
    /// Number of bytes in every ticket identifier.
    public static let idByteCount = 16
    /// Longest meeting or client identifier, in bytes.
    public static let maximumIdentifierLength = 64

    /// The ticket's own random identifier, `idByteCount` long.
    public let id: [UInt8]
    /// The meeting's identifier: 1 to `maximumIdentifierLength` ASCII letters, digits, `_` and `-`.
    public let meetingID: String
    /// The client's identifier, spelt like `meetingID`.
    public let clientID: String
    /// Second 0 of the meeting's timeline, Unix seconds.
    public let meetingStart: Int64
    /// First second at which the ticket may mark, Unix seconds.
    public let notBefore: Int64
    /// Last second at which the ticket may mark, Unix seconds.
    public let notAfter: Int64
    /// The secrets that make the mark.
    public let seeds: MarkSeeds

    /// Bundles the parts of a ticket.
    ///
    /// - Throws: `TicketError` with code `identifier` or `validity` when a part breaks the rules above.
    public init(
        id: [UInt8], meetingID: String, clientID: String, meetingStart: Int64, notBefore: Int64, notAfter: Int64,
        seeds: MarkSeeds
    ) throws(TicketError) {
        guard id.count == Ticket.idByteCount, Ticket.isIdentifier(meetingID.utf8), Ticket.isIdentifier(clientID.utf8)
        else { throw TicketError(.identifier) }
        guard notBefore <= notAfter else { throw TicketError(.validity) }
        self.id = id
        self.meetingID = meetingID
        self.clientID = clientID
        self.meetingStart = meetingStart
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.seeds = seeds
    }

    /// Whether the ticket may mark at `time`, Unix seconds.
    public func isValid(at time: Int64) -> Bool { notBefore <= time && time <= notAfter }

    /// Meeting and client, never the seeds.
    public var description: String { "Ticket(meeting: \(meetingID), client: \(clientID), seeds: redacted)" }

    /// Whether `text` is spelt as identifiers are: the alphabet is safe in file names and on terminals.
    static func isIdentifier(_ text: some Collection<UInt8>) -> Bool {
        !text.isEmpty && text.count <= maximumIdentifierLength
            && text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
