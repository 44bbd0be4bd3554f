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
    /// - Returns: nil for anything else, or for a time that clocks there skip or show twice.
    package static func parse(_ text: String, now: Timestamp) -> Meant? {
        var words = SpokenTime(text)
        if words.isNow { return Meant(time: now, isLocal: true, isWholeDay: false) }
        if let (wall, isWholeDay) = wall(&words, now) {
            let times = moments(wall, words.zone)
            guard times.count == 1, let time = times.first else { return nil }
            return Meant(time: time, isLocal: true, isWholeDay: isWholeDay)
        }
        guard words.zone == nil else { return nil }
        return Timestamp(words.text).map { Meant(time: $0, isLocal: false, isWholeDay: false) }
    }

    /// Why a text that looks like a local time is none, in a sentence; nil if that is not why.
    package static func changeOfClocks(_ text: String, now: Timestamp) -> String? {
        var words = SpokenTime(text)
        guard !words.isNow, let (wall, _) = wall(&words, now) else { return nil }
        let shown = wall.text.dropLast().replacing("T", with: " ")
        let times = moments(wall, words.zone)
        guard times.count != 1 else { return nil }
        guard let first = times.first, let last = times.last else {
            return "Clocks there skip \(shown), as they are put forward then; write it with its offset from UTC."
        }
        return "Clocks there show \(shown) twice, as they are put back then; write \(first.text) or \(last.text)."
    }

    /// What clocks show at a time without an offset, as if that were UTC; nil for other texts.
    private static func wall(_ words: inout SpokenTime, _ now: Timestamp) -> (time: Timestamp, isWholeDay: Bool)? {
        if let offset = words.day.flatMap({ dayOffsets[$0] }) { words.day = day(now, offset: offset) }
        if let day = words.day, words.clock == nil, let wall = Timestamp(day + "T00:00Z") { return (wall, true) }
        // Only a text without an offset takes one.
        return Timestamp(words.text + "Z").map { ($0, false) }
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

    /// All times at which clocks in `zone`, else local ones, show what UTC shows at `wall`: none where they are put
    /// forward, two where they are put back.
    private static func moments(_ wall: Timestamp, _ zone: TimeZone?) -> [Timestamp] {
        // Clocks are changed once at most in two days.
        let offsets = [-Timestamp.secondsPerDay, Timestamp.secondsPerDay].map { offset(wall + $0, zone) }
        return Set(offsets).map { wall - $0 }.filter {
            $0 + offset($0, zone) == wall && (0...Timestamp.latest).contains($0)
        }.sorted()
    }

    /// By how many seconds clocks in `zone`, else local ones, are ahead of UTC.
    private static func offset(_ time: Timestamp, _ zone: TimeZone?) -> Int64 {
        if let zone { return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.seconds)))) }
        var seconds = time_t(time.seconds)
        var parts = tm()
        return localtime_r(&seconds, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
    }
}
