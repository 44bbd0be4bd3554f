/// A type of meeting that is encrypted end to end, as the vendor numbers and names them.
public struct SessionType: Equatable, Sendable {
    /// The number that `MeetingPrivilege` lists.
    public let id: Int
    /// The public name, which the vendor may change.
    public let name: String

    /// The types that the vendor's guide lists.
    ///
    /// The guide contradicts itself: its step for user lists says 1561 where its table says 652. So no command has a
    /// default.
    public static let all: [SessionType] = [
        SessionType(id: 638, name: "E2E Encryption+VoIP only"),
        SessionType(id: 652, name: "Pro-End to End Encryption_VOIPonly"),
        SessionType(id: 660, name: "Pro 3 Free-End to End Encryption_VOIPonly E2E Encryption + Identity"),
        SessionType(id: 672, name: "Pro 3 Free50-End to End Encryption_VOIPonly"),
        SessionType(id: 673, name: "Education Instructor E2E Encryption_VOIPonly"),
        SessionType(id: 676, name: "Broadworks Standard plus end to end encryption"),
        SessionType(id: 677, name: "Broadworks Premium plus end to end encryption"),
        SessionType(id: 681, name: "Schoology Free plus end to end encryption"),
    ]

    /// Whether `name` is that of the older type, in which people may join by a telephone line that is not encrypted.
    public static func hasUnencryptedTelephony(_ name: String) -> Bool {
        let name = name.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" }
        return name.contains("proendtoendencryption") && !name.contains("voiponly")
    }
}

/// Whether a kind of endpoint can join meetings that are encrypted end to end.
public struct EndpointKind: Equatable, Sendable {
    /// What the vendor calls it.
    public let name: String
    /// Whether it can join.
    public let canJoin: Bool

    /// The kinds that the vendor's guide names, those that can join first.
    ///
    /// Room devices need RoomOS 10.6.1 or later.
    public static let all: [EndpointKind] =
        [
            "Board", "Desk Pro", "Desk", "Room Kit", "Room Kit Mini", "desktop app", "mobile app",
        ].map { EndpointKind(name: $0, canJoin: true) }
        + [
            "C series", "DX series", "EX series", "MX series", "third-party SIP devices", "third-party soft clients",
            "web client", "telephone",
        ].map { EndpointKind(name: $0, canJoin: false) }
}
