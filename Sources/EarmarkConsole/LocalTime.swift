package import EarmarkFiles
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

    /// What a user means by a point in time.
    ///
    /// - Parameters:
    ///   - text: ISO 8601 with or without a zone, a blank for the T allowed; `now`; `today`, `tomorrow` or `yesterday`
    ///     with a time; or a bare day, which means its first second. Without a zone it is local.
    ///   - now: the present.
    /// - Returns: the time, and whether the machine's time zone decided it; nil for anything else, or for a time that
    ///   the local clocks skip.
    package static func parse(_ text: String, now: Timestamp) -> (time: Timestamp, isLocal: Bool)? {
        let words = text.lowercased().split(separator: " ").map(String.init)
        let joined = words.joined(separator: " ")
        if joined == "now" { return (now, true) }
        if let first = words.first, let offset = dayOffsets[first], words.count == 2 {
            guard let midnight = Timestamp(day(now, offset: offset) + "T00:00Z") else { return nil }
            let clock = words[1].split(separator: ":").count > 1 && words[1].prefix(while: { $0 != ":" }).count == 1
            guard let wall = Timestamp("\(day(midnight))T\(clock ? "0" : "")\(words[1])Z") else { return nil }
            return local(wall).map { ($0, true) }
        }
        if words.count == 1, let wall = Timestamp(joined + "T00:00Z") { return local(wall).map { ($0, true) } }
        // Only a text without a zone takes one.
        if let wall = Timestamp(joined + "Z") { return local(wall).map { ($0, true) } }
        let compact =
            words.count == 3 ? words[0] + "T" + words[1] + (words[2] == "utc" ? "Z" : words[2]) : joined
        return Timestamp(compact).map { ($0, false) }
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

    /// The time at which local clocks show what UTC shows at `wall`; nil if they never do.
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
