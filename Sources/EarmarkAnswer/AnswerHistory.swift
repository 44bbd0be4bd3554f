public import EarmarkFiles

/// How many analyses were made, the one that states it included: each has a chance of naming somebody wrongly, and the
/// limits of all add up.
public struct AnalysesMade: Codable, Equatable, Sendable {
    /// Of this meeting; nil where none was found.
    public let ofMeeting: Int?
    /// With this store, of whatever meeting.
    public let inStore: Int

    /// Bundles the parts.
    public init(ofMeeting: Int?, inStore: Int) {
        self.ofMeeting = ofMeeting
        self.inStore = inStore
    }
}

/// What else was made of the same file and meeting, and when the bound was decided: what a report shows beside the
/// answer, as the store knows it when the report is made.
public struct AnswerHistory: Codable, Equatable, Sendable {
    /// An analysis of the same file or of the same meeting.
    public struct Entry: Codable, Equatable, Sendable {
        /// Identifier of the analysis.
        public let id: AnalysisID
        /// When it was made, ISO 8601 in UTC.
        public let date: String
        /// Name of the file.
        public let file: String
        /// Whether it is the same file, by its digest.
        public let isSameFile: Bool
        /// Whether it is of the same meeting.
        public let isSameMeeting: Bool
        /// The verdict, or `refused`.
        public let result: String
        /// log10 of the bound that an accusation had to meet; nil for a refusal.
        public let log10Threshold: Double?
        /// What restricts the answer, in words: `first answer`; nil if nothing does.
        public let condition: String?
        /// The sealed bundle with which a worker came to it; nil if that was done where the store is.
        public let bundle: String?
        /// When that bundle was revoked, ISO 8601 in UTC; nil if it was not.
        public let bundleRevoked: String?

        /// Bundles the parts.
        public init(
            id: AnalysisID, date: String, file: String, isSameFile: Bool, isSameMeeting: Bool, result: String,
            log10Threshold: Double?, condition: String? = nil, bundle: String? = nil, bundleRevoked: String? = nil
        ) {
            self.condition = condition
            self.bundle = bundle
            self.bundleRevoked = bundleRevoked
            self.id = id
            self.date = date
            self.file = file
            self.isSameFile = isSameFile
            self.isSameMeeting = isSameMeeting
            self.result = result
            self.log10Threshold = log10Threshold
        }
    }

    /// A decision about the bound.
    public struct Decision: Codable, Equatable, Sendable {
        /// When, ISO 8601 in UTC.
        public let date: String
        /// What it was set to, log10.
        public let log10Threshold: Double

        /// Whether the log has it after the first look at the file or at another recording of the meeting, and before
        /// this analysis.
        public let isAfterFirstLook: Bool
        /// Whether the log has it before this analysis, or before the sealed bundle with which a worker came to it.
        public let isBefore: Bool

        /// Bundles the parts.
        public init(date: String, log10Threshold: Double, isAfterFirstLook: Bool, isBefore: Bool) {
            self.date = date
            self.log10Threshold = log10Threshold
            self.isAfterFirstLook = isAfterFirstLook
            self.isBefore = isBefore
        }
    }

    /// What was done with the records of the meeting: entries of the audit log of one kind.
    public struct Change: Codable, Equatable, Sendable {
        /// What was done, as the audit log calls it.
        public let action: String
        /// How many entries the log has of it.
        public let entries: Int
        /// When the first of these was made, ISO 8601 in UTC.
        public let first: String
        /// When the last of these was.
        public let last: String
        /// Whether the meeting had begun by then, by the latest time that the log had.
        public let isAfterStart: Bool
        /// By how many seconds the clock of an entry was behind that time, at most; nil where it was not.
        public let clockBehindSeconds: Int64?

        /// Bundles the parts.
        public init(
            action: String, entries: Int, first: String, last: String, isAfterStart: Bool,
            clockBehindSeconds: Int64? = nil
        ) {
            self.clockBehindSeconds = clockBehindSeconds
            self.action = action
            self.entries = entries
            self.first = first
            self.last = last
            self.isAfterStart = isAfterStart
        }
    }

    /// What the store has of an endpoint that is named, when the report is made.
    public struct Endpoint: Codable, Equatable, Sendable {
        /// The client.
        public let client: ClientID
        /// Tickets that were issued to it.
        public let ticketsIssued: Int
        /// How many of these are revoked.
        public let ticketsRevoked: Int
        /// How often audio was marked as it with the store's keys until the analysis, by the audit log.
        public let marked: Int
        /// What this has against a recording at the endpoint.
        public let objections: [Answer.Objection]

        /// Bundles the parts.
        public init(
            client: ClientID, ticketsIssued: Int, ticketsRevoked: Int, marked: Int, objections: [Answer.Objection]
        ) {
            self.client = client
            self.ticketsIssued = ticketsIssued
            self.ticketsRevoked = ticketsRevoked
            self.marked = marked
            self.objections = objections
        }
    }

    /// How many analyses the store's audit log knows until this one, deleted ones included.
    public let made: AnalysesMade
    /// Those of the same file or meeting that are still stored, in the order in which they were made.
    public let analyses: [Entry]
    /// When this file was first analysed with this store, ISO 8601 in UTC.
    public let firstSeen: String
    /// When this file, or another recording of this meeting, was, ISO 8601 in UTC.
    public let firstLook: String
    /// What the bound was set to since the organisation was added, in order; empty if it was never changed.
    public let decisions: [Decision]
    /// When the sealed bundle was made with which a worker came to the answer, ISO 8601 in UTC; nil where there was
    /// none, or the log does not tell.
    public let sealed: String?
    /// What was done with the records of the meeting until the analysis, in the order of the log.
    public let changes: [Change]
    /// What was done with them after it.
    public let laterChanges: [Change]
    /// What of that makes the records differ from what the answer says, in sentences without names of anybody who is
    /// not named there.
    public let differences: [String]
    /// Those who are named and still enrolled, in the order of the answer.
    public let endpoints: [Endpoint]

    /// Bundles the parts.
    public init(
        made: AnalysesMade, analyses: [Entry], firstSeen: String, firstLook: String, decisions: [Decision],
        sealed: String? = nil, changes: [Change], laterChanges: [Change] = [], differences: [String] = [],
        endpoints: [Endpoint] = []
    ) {
        self.sealed = sealed
        self.laterChanges = laterChanges
        self.differences = differences
        self.endpoints = endpoints
        self.made = made
        self.analyses = analyses
        self.firstSeen = firstSeen
        self.firstLook = firstLook
        self.decisions = decisions
        self.changes = changes
    }

    /// The decision that was in force when the file was analysed, or the bundle sealed; nil if the bound had not been
    /// changed since the organisation was added.
    public var inForce: Decision? { decisions.last(where: \.isBefore) }

    /// Whether this bound was in force from before the file, or another recording of its meeting, was first looked at
    /// until the analysis: by the order of the log, as clocks can be set.
    public func isDecidedBeforehand(_ log10Threshold: Double) -> Bool {
        !decisions.contains(where: \.isAfterFirstLook) && inForce.map { $0.log10Threshold == log10Threshold } ?? true
    }
}
