public import EarmarkFiles

/// What is needed to enrol a meeting.
public struct MeetingDraft: Sendable, Equatable {
    /// Two hours, in seconds.
    public static let defaultDuration: Int64 = 7200
    /// Longest planned duration, 24 h in seconds.
    public static let maximumDuration: Int64 = 86_400

    /// Title, 1 to 200 characters.
    public var title: String
    /// Planned start.
    public var startsAt: Timestamp
    /// Planned duration in seconds, 1 to `maximumDuration`; a meeting may overrun it.
    public var durationSeconds: Int64
    /// The host's e-mail; nil when the organisation itself hosts.
    public var hostEmail: String?
    /// Whether this meeting is marked, unless the organisation's setting forbids it.
    public var isWatermarkOn: Bool
    /// Whether the clients of this meeting tag what their microphones send.
    public var hasMicrophoneTags: Bool
    /// Why the meeting is on legal hold from the start; nil if it is not.
    public var holdReason: String?

    /// Bundles the parts; `Store.createMeeting` checks them.
    public init(
        title: String, startsAt: Timestamp, durationSeconds: Int64 = MeetingDraft.defaultDuration,
        hostEmail: String? = nil, isWatermarkOn: Bool = true, hasMicrophoneTags: Bool = true,
        holdReason: String? = nil
    ) {
        self.holdReason = holdReason
        self.title = title
        self.startsAt = startsAt
        self.durationSeconds = durationSeconds
        self.hostEmail = hostEmail
        self.isWatermarkOn = isWatermarkOn
        self.hasMicrophoneTags = hasMicrophoneTags
    }
}

/// Whether a meeting's recordings can be analysed, and if not, why.
public enum MeetingState: String, Sendable, CaseIterable {
    /// Marked and within its retention.
    case available
    /// Hosted outside the organisation.
    case foreign
    /// Past its retention.
    case expired
    /// Not marked, by the organisation's or the meeting's setting.
    case watermarkingOff = "watermarking-off"

    /// Whether no recording is looked for its mark, however long its keys last.
    var isUnmarked: Bool {
        switch self {
        case .foreign, .watermarkingOff: true
        case .available, .expired: false
        }
    }
}

/// An enrolled meeting.
public struct Meeting: Sendable, Equatable {
    /// Identifier, `m_` and 16 characters.
    public let id: MeetingID
    /// The organisation that enrolled it.
    public let organisationID: OrganisationID
    /// Title as entered.
    public let title: String
    /// Planned start: second 0 of the meeting's timeline.
    public let startsAt: Timestamp
    /// Planned duration in seconds.
    public let durationSeconds: Int64
    /// The host's e-mail, if any.
    public let hostEmail: String?
    /// The meeting's own switch.
    public let isWatermarkOn: Bool
    /// Whether the meeting is marked in effect: neither its own switch nor the organisation's setting is off.
    public let isMarked: Bool
    /// Whether its clients tag what their microphones send, those of which nothing else is said.
    public let hasMicrophoneTags: Bool
    /// When it was enrolled.
    public let createdAt: Timestamp
    /// When retention runs out: planned end plus the organisation's retention.
    public let expiresAt: Timestamp
    /// Whether its key opens only with the shares of two persons.
    public let isSplit: Bool
    /// Whether it is on legal hold: then it does not expire.
    public let isHeld: Bool
    /// Whether it could be analysed when it was read from the store.
    public let state: MeetingState

    /// Planned end.
    public var endsAt: Timestamp { startsAt + durationSeconds }

    /// The error that refuses a meeting in its state; nil when it is available.
    public var refusal: StoreError? {
        switch state {
        case .available: nil
        case .foreign:
            StoreError(
                .meetingForeign,
                "meeting '\(id)' (\(title)) is foreign: its host's domain, \(hostDomain), is not registered for the "
                    + "organisation", advice: .addDomain)
        case .expired:
            StoreError(
                .meetingExpired,
                "meeting '\(id)' (\(title)) expired at \(expiresAt.text): retention has run out")
        case .watermarkingOff: watermarkingOffError
        }
    }

    private var hostDomain: String { (hostEmail ?? "").split(separator: "@").last.map(String.init) ?? "" }

    /// The error for marking or analysing where watermarking is off.
    var watermarkingOffError: StoreError {
        let place = isWatermarkOn ? "the organisation" : "the meeting"
        return StoreError(
            .watermarkingOff, "meeting '\(id)' (\(title)) is not marked: watermarking is off for \(place)")
    }
}
