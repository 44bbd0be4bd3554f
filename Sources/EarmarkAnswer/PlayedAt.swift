public import EarmarkFiles

/// When the beginning of a recording was played, as an analyst states it: that is tried before all else of the
/// meeting.
public struct PlayedAt: Hashable, Sendable {
    /// How it is stated.
    public enum Moment: Hashable, Sendable {
        /// Seconds from the meeting's start; negative before it.
        case offset(Int64)
        /// A point in time.
        case time(Timestamp)
    }

    /// How far off a statement may be if nothing is said of it, seconds: clocks that are looked at are off by a minute.
    public static let usualWithin: Int64 = 90
    /// How far off it may be said to be, seconds.
    public static let withinRange: ClosedRange<Int64> = 10...86_400
    /// Farthest offset that can be written, seconds: a thousand hours.
    private static let farthest: Int64 = 3_600_000

    /// When it was.
    public let moment: Moment
    /// How far off that may be, seconds.
    public let within: Int64

    /// Bundles the parts; what lies out of `withinRange` is taken to its nearest end.
    public init(_ moment: Moment, within: Int64 = usualWithin) {
        self.moment = moment
        self.within = min(max(within, PlayedAt.withinRange.lowerBound), PlayedAt.withinRange.upperBound)
    }

    /// Reads an offset into the meeting, `12:30`, `1:02:30`, `45m`, `1h5m`, `750`, with a minus before it for what was
    /// played before the meeting's start, or what `time` takes for a point in time; nil for anything else.
    package init?(_ text: String, within: Int64 = usualWithin, time: (String) -> Timestamp?) {
        let isBefore = text.hasPrefix("-")
        let rest = isBefore ? String(text.dropFirst()) : text
        if let offset = DurationText.clock(rest) ?? DurationText.parse(rest), offset <= PlayedAt.farthest {
            self.init(.offset(isBefore ? -offset : offset), within: within)
        } else if let time = time(text) {
            self.init(.time(time), within: within)
        } else {
            return nil
        }
    }

    /// One text for each value, for keys and digests.
    package var text: String {
        switch moment {
        case .offset(let seconds): "\(seconds) within \(within)"
        case .time(let time): "\(time.text) within \(within)"
        }
    }

    /// The same for a meeting that began at `start`.
    public func resolved(start: Timestamp) -> Answer.PlayedAt {
        let seconds =
            switch moment {
            case .offset(let seconds): seconds
            case .time(let time): time.seconds - start.seconds
            }
        return Answer.PlayedAt(meetingSeconds: seconds, withinSeconds: within, time: (start + seconds).text)
    }
}

extension PlayedAt: Codable {
    private enum CodingKeys: String, CodingKey {
        case offset, time, within
    }

    /// Reads an object of `within` and one of `offset` (seconds) and `time` (ISO 8601).
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let within = try fields.decode(Int64.self, forKey: .within)
        let offset = try fields.decodeIfPresent(Int64.self, forKey: .offset)
        let time = try fields.decodeIfPresent(String.self, forKey: .time)
        let moment: Moment? =
            switch (offset, time) {
            case (let offset?, nil) where abs(offset) <= PlayedAt.farthest: .offset(offset)
            case (nil, let text?): Timestamp(text).map(Moment.time)
            default: nil
            }
        guard let moment, PlayedAt.withinRange.contains(within) else {
            throw DecodingError.dataCorruptedError(
                forKey: .within, in: fields, debugDescription: "no time at which a recording was played")
        }
        self.init(moment, within: within)
    }

    /// Writes what `init(from:)` reads.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch moment {
        case .offset(let seconds): try fields.encode(seconds, forKey: .offset)
        case .time(let time): try fields.encode(time.text, forKey: .time)
        }
        try fields.encode(within, forKey: .within)
    }
}

extension Answer {
    /// When the recording's beginning was played, as it was stated.
    public struct PlayedAt: Codable, Equatable, Sendable {
        /// Seconds from the meeting's start.
        public let meetingSeconds: Int64
        /// How far off that may be, seconds.
        public let withinSeconds: Int64
        /// The same point in time, ISO 8601 in UTC.
        public let time: String

        /// Bundles the parts.
        public init(meetingSeconds: Int64, withinSeconds: Int64, time: String) {
            self.meetingSeconds = meetingSeconds
            self.withinSeconds = withinSeconds
            self.time = time
        }

        /// The same in a clause: `within 90 s of 0:12:30 of the meeting`.
        public var text: String {
            "within \(DurationText.text(withinSeconds)) of \(meetingSeconds < 0 ? "-" : "")"
                + DurationText.text(abs(meetingSeconds)) + " into the meeting"
        }
    }
}
