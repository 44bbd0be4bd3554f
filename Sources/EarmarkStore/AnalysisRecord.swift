public import EarmarkAnswer
public import EarmarkFiles

/// How an analysis ended.
public enum AnalysisOutcome: Sendable, Equatable {
    /// It was completed.
    case verdict(Verdict)
    /// The file or meeting was refused, by a stable code and a message.
    case refusal(code: String, message: String)
}

/// What is kept of an analysis.
public struct AnalysisDraft: Sendable, Equatable {
    /// The organisation, if one was chosen.
    public var organisationID: OrganisationID?
    /// The meeting as it was asked for, whether it exists or not.
    public var meetingReference: String
    /// Name of the analysed file, without its folder; of a run, the input as it was planned.
    public var fileName: String
    /// SHA-256 of the file as 64 lower-case hexadecimal digits; nil if it was refused before it was read whole.
    public var sha256: String?
    /// Size of the file; nil if it is not known.
    public var byteCount: Int64?
    /// How it ended.
    public var outcome: AnalysisOutcome
    /// The name that the user gave to the analysis, may be empty.
    public var name: String
    /// The user's note, may be empty.
    public var note: String
    /// Version of the program that analysed.
    public var toolVersion: String
    /// The report as a JSON object in UTF-8; nil for a refusal.
    public var report: [UInt8]?
    /// What a report for people shows beside the answer, as a JSON object in UTF-8; of a refusal which bundle's worker
    /// refused, nil where the store's own program did.
    public var evidence: [UInt8]?

    /// Bundles the parts; `Store.saveAnalysis` checks them.
    public init(
        organisationID: OrganisationID? = nil, meetingReference: String, fileName: String, sha256: String? = nil,
        byteCount: Int64? = nil, outcome: AnalysisOutcome, name: String = "", note: String = "", toolVersion: String,
        report: [UInt8]? = nil, evidence: [UInt8]? = nil
    ) {
        self.organisationID = organisationID
        self.meetingReference = meetingReference
        self.fileName = fileName
        self.sha256 = sha256
        self.byteCount = byteCount
        self.outcome = outcome
        self.name = name
        self.note = note
        self.toolVersion = toolVersion
        self.report = report
        self.evidence = evidence
    }
}

/// A stored analysis.
public struct AnalysisRecord: Sendable, Equatable {
    /// Identifier, `a_` and 16 characters.
    public let id: AnalysisID
    /// The meeting; nil if it was unknown or is no longer stored.
    public let meetingID: MeetingID?
    /// When it was stored.
    public let createdAt: Timestamp
    /// What was stored.
    public let content: AnalysisDraft
}
