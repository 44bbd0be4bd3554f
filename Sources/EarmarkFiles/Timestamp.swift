/// A point in time, in whole Unix seconds: every date that the product stores, compares or shows.
public struct Timestamp: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Seconds in a day; leap seconds do not exist in Unix time.
    public static let secondsPerDay: Int64 = 86_400
    /// The latest second that four digits of year can write: 9999-12-31T23:59:59Z.
    package static let latest: Timestamp = 253_402_300_799

    /// Seconds since 1970-01-01T00:00:00Z; negative before.
    public let seconds: Int64

    /// The point in time at `seconds` since 1970.
    public init(seconds: Int64) { self.seconds = seconds }

    /// A literal number of seconds since 1970.
    public init(integerLiteral seconds: Int64) { self.init(seconds: seconds) }

    /// As `text`.
    public var description: String { text }

    /// Whether `left` is earlier than `right`.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }

    /// So many seconds later; traps beyond the range of `Int64`.
    public static func + (time: Timestamp, seconds: Int64) -> Timestamp { Timestamp(seconds: time.seconds + seconds) }

    /// So many seconds earlier; traps beyond the range of `Int64`.
    public static func - (time: Timestamp, seconds: Int64) -> Timestamp { Timestamp(seconds: time.seconds - seconds) }

    /// So many days of 24 hours later; traps beyond the range of `Int64`.
    public func adding(days: Int64) -> Timestamp { self + days * Timestamp.secondsPerDay }
}

/// The bare number of seconds.
extension Timestamp: Codable {
    /// Reads an integer.
    public init(from decoder: any Decoder) throws {
        self.init(seconds: try decoder.singleValueContainer().decode(Int64.self))
    }

    /// Writes an integer.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seconds)
    }
}
