public import EarmarkFiles

/// What an endpoint is, and so whether it can carry a mark.
public enum ClientKind: String, Sendable, CaseIterable {
    /// Application on a computer.
    case desktop
    /// Application on a telephone or tablet.
    case mobile
    /// Room or desk device.
    case room
    /// Web browser: plays what it decrypts without a place to mark it.
    case web
    /// Telephone call.
    case telephone
    /// Third-party SIP endpoint.
    case sip

    /// Whether this kind marks what it plays.
    public var canCarryMark: Bool {
        switch self {
        case .desktop, .mobile, .room: true
        case .web, .telephone, .sip: false
        }
    }
}

/// One device of one participant of one meeting.
public struct Client: Sendable, Equatable {
    /// Identifier, `c_` and 16 characters.
    public let id: ClientID
    /// The meeting it belongs to.
    public let meetingID: MeetingID
    /// The participant's name.
    public let participant: String
    /// The participant's e-mail as entered.
    public let email: String
    /// The device's name, unique for the participant in this meeting.
    public let device: String
    /// What the endpoint is.
    public let kind: ClientKind
    /// Whether its microphone sends tagged audio, where the meeting has tags at all.
    public let tagging: MicrophoneTagging
    /// When an analysis first heard its tag in a recording of the meeting; nil if none did.
    public let tagHeardAt: Timestamp?
}

/// A span of time that a client spent in its meeting.
public struct PresenceInterval: Sendable, Equatable {
    /// When it joined.
    public let joinedAt: Timestamp
    /// When it left; nil while it has not.
    public let leftAt: Timestamp?
}
