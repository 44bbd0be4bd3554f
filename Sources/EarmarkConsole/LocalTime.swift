package import EarmarkFiles
import Foundation
import Glibc

/// Points in time as people at this machine say them, by its time zone (`TZ`, else the system's).
package enum LocalTime {
    /// `2026-11-29 10:00 CET`; seconds where there are any.
    package static func text(_ time: Timestamp) -> String {
        var seconds = time_t(time.seconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return time.text }
        var buffer = [CChar](repeating: 0, count: 64)
        let format = parts.tm_sec == 0 ? "%Y-%m-%d %H:%M %Z" : "%Y-%m-%d %H:%M:%S %Z"
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A point in time as a user means it.
    package struct Meant {
        /// The point in time.
        package let time: Timestamp
        /// Whether a zone that the text does not spell as an offset decided it: the machine's, or one by its name.
        package let isLocal: Bool
        /// Whether no time of day was given.
        package let isWholeDay: Bool
    }

    /// What a user means by a point in time.
    ///
    /// - Parameters:
    ///   - text: ISO 8601 with or without a zone, a blank for the T allowed; `now`; `today`, `tomorrow` or `yesterday`,
    ///     alone or with a time; a bare day, which means its first second; times as `2pm`, too; the name of a zone
    ///     after it. Without a zone it is local.
    ///   - now: the present.
    /// - Returns: nil for anything else, or for a time that clocks there skip.
    package static func parse(_ text: String, now: Timestamp) -> Meant? {
        var words = SpokenTime(text)
        if words.isNow { return Meant(time: now, isLocal: true, isWholeDay: false) }
        if let offset = words.day.flatMap({ dayOffsets[$0] }) { words.day = day(now, offset: offset) }
        if let day = words.day, words.clock == nil, let wall = Timestamp(day + "T00:00Z") {
            return local(wall, words.zone).map { Meant(time: $0, isLocal: true, isWholeDay: true) }
        }
        // Only a text without an offset takes one.
        if let wall = Timestamp(words.text + "Z") {
            return local(wall, words.zone).map { Meant(time: $0, isLocal: true, isWholeDay: false) }
        }
        guard words.zone == nil else { return nil }
        return Timestamp(words.text).map { Meant(time: $0, isLocal: false, isWholeDay: false) }
    }

    private static let dayOffsets = ["yesterday": -1, "today": 0, "tomorrow": 1]

    /// The day of `now` by local clocks, so many days on, as `2026-11-29`.
    private static func day(_ now: Timestamp, offset: Int) -> String {
        var seconds = time_t(now.seconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return "" }
        // Noon of a day that may be the 32nd: `timegm` carries it over.
        (parts.tm_hour, parts.tm_mday) = (12, parts.tm_mday + Int32(offset))
        return day(Timestamp(seconds: Int64(timegm(&parts))))
    }

    private static func day(_ wall: Timestamp) -> String { String(wall.text.prefix(10)) }

    /// The time at which clocks in `zone`, else local ones, show what UTC shows at `wall`; nil if they never do.
    private static func local(_ wall: Timestamp, _ zone: TimeZone?) -> Timestamp? {
        guard let zone else { return local(wall) }
        func offset(_ time: Timestamp) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.seconds))))
        }
        // The second guess is right on either side of a change of the clocks, but for what they skip.
        let time = wall - offset(wall - offset(wall))
        guard time + offset(time) == wall, (0...Timestamp.latest).contains(time) else { return nil }
        return time
    }

    private static func local(_ wall: Timestamp) -> Timestamp? {
        var seconds = time_t(wall.seconds)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return nil }
        parts.tm_isdst = -1
        let hour = parts.tm_hour
        let time = Timestamp(seconds: Int64(mktime(&parts)))
        // Where clocks are put forward, `mktime` moves what they skip.
        guard parts.tm_hour == hour, (0...Timestamp.latest).contains(time) else { return nil }
        return time
    }
}
