public import EarmarkFiles

/// A meeting or analysis that must not be purged, and why.
public struct LegalHold: Sendable, Equatable {
    /// Identifier of the meeting or analysis.
    public let subject: String
    /// Why, 1 to 10,000 characters.
    public let reason: String
    /// Since when.
    public let heldAt: Timestamp
}

/// What retention means for one organisation now.
public struct RetentionStatus: Sendable, Equatable {
    /// The organisation.
    public let organisation: Organisation
    /// Meetings that are stored.
    public let meetingCount: Int
    /// Meetings that are due, neither held.
    public let due: [Meeting]
    /// Meetings whose time has run out and that are kept for a hold.
    public let held: [Meeting]
    /// When the next meeting is due; nil if none is.
    public let nextExpiry: Timestamp?
}

/// What a purge removed, or would.
public struct PurgeResult: Sendable, Equatable {
    /// Identifiers of the meetings.
    public var meetings: [MeetingID] = []
    /// Number of analyses that went with them.
    public var analysisCount = 0
    /// Bundles that hold one of the meetings and have not expired: whoever has one with its key keeps the seeds.
    public var bundlesOut: [BundleID] = []
    /// Why a meeting that was to go stays; nil if none does.
    var refusal: StoreError?
}

/// What opening a store purged.
public struct OpeningPurge: Sendable, Equatable {
    /// Meetings whose retention had run out and that are gone.
    public var meetings: [MeetingID] = []
    /// Bundles that hold one of them and have not expired: whoever has one with its key keeps the seeds.
    public var bundlesOut: [BundleID] = []
    /// Why what was due could not be purged; nil if it was, or nothing was due.
    public var failure: StoreError?

    /// Nothing was due.
    public init() {}

    init(_ result: PurgeResult) {
        (meetings, bundlesOut, failure) = (result.meetings, result.bundlesOut, result.refusal)
    }
}
