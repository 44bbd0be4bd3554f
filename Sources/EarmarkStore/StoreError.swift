/// What went wrong in the store, where, and what to do about it.
///
/// Equality looks at `code` alone. Messages never hold a secret.
public struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure; the raw value is stable and appears in machine-readable output.
    public enum Code: String, Sendable, CaseIterable {
        /// No store at the given path.
        case storeMissing = "store-missing"
        /// `create` found a store or key file already in place.
        case storeExists = "store-exists"
        /// The file is no Earmark store, or is damaged.
        case storeInvalid = "store-invalid"
        /// A later version of Earmark wrote the store.
        case storeTooNew = "store-too-new"
        /// Another process held the store or key file for too long.
        case storeBusy = "store-busy"
        /// The disk has no room left.
        case storeFull = "store-full"
        /// Reading or writing a file failed.
        case inputOutput = "input-output"
        /// No key file at the given path.
        case keyFileMissing = "key-file-missing"
        /// The key file can be read by others than its owner.
        case keyFileExposed = "key-file-exposed"
        /// The key file cannot be understood.
        case keyFileInvalid = "key-file-invalid"
        /// The key file belongs to another store.
        case keyFileMismatch = "key-file-mismatch"
        /// The key file holds no key for this organisation.
        case organisationKeyMissing = "organisation-key-missing"
        /// The keyring holds no entry for this meeting: its key was destroyed.
        case meetingKeyMissing = "meeting-key-missing"
        /// The meeting's key is split and not all shares are at hand.
        case sharesMissing = "shares-missing"
        /// A sealed key failed authentication.
        case sealBroken = "seal-broken"
        /// Rows, or the audit log, are not as Earmark wrote them.
        case rowsAltered = "rows-altered"
        /// A backup is from before a rotation of the organisation's key.
        case keyRotated = "key-rotated"
        /// The meeting or analysis is on legal hold.
        case held
        /// The clock is so far ahead of the log that nothing is purged by it.
        case clockAhead = "clock-ahead"
        /// A value breaks a rule: too long, malformed, out of range.
        case valueInvalid = "value-invalid"
        /// The roster breaks a rule; the message names row and column.
        case rosterInvalid = "roster-invalid"
        /// The thing to be added is already there.
        case duplicate = "duplicate"
        /// No such organisation.
        case unknownOrganisation = "unknown-organisation"
        /// Several organisations and none was chosen.
        case ambiguousOrganisation = "ambiguous-organisation"
        /// No such meeting.
        case unknownMeeting = "unknown-meeting"
        /// Several meetings bear the name or begin like it.
        case ambiguousMeeting = "ambiguous-meeting"
        /// No such client in the meeting.
        case unknownClient = "unknown-client"
        /// The e-mail belongs to several clients.
        case ambiguousClient = "ambiguous-client"
        /// No such ticket.
        case unknownTicket = "unknown-ticket"
        /// No such analysis.
        case unknownAnalysis = "unknown-analysis"
        /// Several analyses begin like it.
        case ambiguousAnalysis = "ambiguous-analysis"
        /// A commitment covers what was to be changed.
        case committed
        /// Tickets were issued that mark by what was to be changed.
        case ticketsIssued = "tickets-issued"
        /// The meeting's host is outside the organisation.
        case meetingForeign = "meeting-foreign"
        /// The meeting's retention has run out.
        case meetingExpired = "meeting-expired"
        /// Watermarking is off for the organisation or the meeting.
        case watermarkingOff = "watermarking-off"
        /// The client's kind cannot carry a mark.
        case clientCannotCarryMark = "client-cannot-carry-mark"
        /// No such bundle.
        case unknownBundle = "unknown-bundle"
        /// A join without a leave before it, a leave without a join, or times out of order.
        case presenceOutOfOrder = "presence-out-of-order"
    }

    /// What helps, where the front end knows how it is asked for.
    public enum Advice: Sendable, CaseIterable {
        /// A store is created.
        case createStore
        /// One of several organisations is chosen.
        case chooseOrganisation
        /// Organisations are listed.
        case listOrganisations
        /// The host's domain is registered, or the host corrected.
        case addDomain
        /// Meetings are listed.
        case listMeetings
        /// Clients of the meeting are listed.
        case listClients
        /// Analyses are listed.
        case listAnalyses
        /// Bundles are listed.
        case listBundles
        /// Holds are listed.
        case listHolds
        /// Both persons' shares are given.
        case giveShares
        /// The copy of the key file of that time is given.
        case giveKeyCopy
        /// A backup of the database is restored.
        case restoreBackup
        /// A backup is restored, or the log is taken up where it ends.
        case acceptHead
        /// The clock is confirmed.
        case confirmClock
        /// The time-stamping authority's certificate is named.
        case giveAuthority
        /// The meeting is put on legal hold as it is enrolled.
        case holdMeeting
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong, where, and what to do.
    public let message: String
    /// What helps beside that; nil if the message says all.
    public let advice: Advice?

    /// Bundles a kind of failure with its message.
    public init(_ code: Code, _ message: String, advice: Advice? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    /// Compares `code` only: messages are for people.
    public static func == (left: StoreError, right: StoreError) -> Bool { left.code == right.code }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }
}
