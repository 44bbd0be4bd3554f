/// Points in time as ISO 8601 in UTC.
extension Timestamp {
    /// The point in time as `2026-03-01T09:30:00Z`; outside the years 1970 to 9999 the nearest second inside.
    public var text: String {
        let clamped = min(max(seconds, 0), Timestamp.latest.seconds)
        let date = Timestamp.civil(day: clamped / Timestamp.secondsPerDay)
        let second = clamped % Timestamp.secondsPerDay
        let day = [Timestamp.padded(date.year, 4), Timestamp.padded(date.month, 2), Timestamp.padded(date.day, 2)]
        let time = [second / 3600, second / 60 % 60, second % 60].map { Timestamp.padded($0, 2) }
        return "\(day.joined(separator: "-"))T\(time.joined(separator: ":"))Z"
    }

    /// Reads `2026-03-01T09:30`, with or without seconds, fraction and zone.
    ///
    /// Without a zone the time is UTC. A fraction of a second is dropped.
    /// Nil for anything else or outside the years 1970 to 9999.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2)
        else { return nil }
        var second: Int64 = 0
        if reader.skip(":") {
            guard let read = reader.number(2) else { return nil }
            second = read
            if reader.skip(".") || reader.skip(",") {
                guard reader.skipDigits() > 0 else { return nil }
            }
        }
        guard let offset = Timestamp.zoneOffset(&reader), reader.isAtEnd else { return nil }
        guard (1...12).contains(month), (1...Timestamp.daysInMonth(month, year: year)).contains(day), hour < 24,
            minute < 60, second < 60
        else { return nil }
        let day1970 = Timestamp.dayNumber(year: year, month: month, day: day)
        self.init(
            seconds: day1970 * Timestamp.secondsPerDay + hour * 3600 + minute * 60 + second - offset)
        guard (0...Timestamp.latest).contains(self) else { return nil }
    }

    /// Seconds east of UTC: `Z`, nothing, `+hh`, `+hhmm` or `+hh:mm`.
    private static func zoneOffset(_ reader: inout DigitReader) -> Int64? {
        if reader.isAtEnd || reader.skip("Z") || reader.skip("z") { return 0 }
        let sign: Int64
        if reader.skip("+") {
            sign = 1
        } else if reader.skip("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hour = reader.number(2), hour < 24 else { return nil }
        guard !reader.isAtEnd else { return sign * hour * 3600 }
        _ = reader.skip(":")
        guard let minute = reader.number(2), minute < 60 else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }

    private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that leap days come last.
    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month > 2 ? year : year - 1
        let era = shiftedYear >= 0 ? shiftedYear / 400 : (shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse of `dayNumber`, for days from 1970-01-01 on.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Walks over text that has digits at fixed places.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next `count` characters as a number; nil unless all are digits.
    mutating func number(_ count: Int) -> Int64? {
        guard rest.count >= count else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(count) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        rest = rest.dropFirst(count)
        return value
    }

    /// Steps over `character` if it comes next.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Steps over digits and says how many there were.
    mutating func skipDigits() -> Int {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let count = digits.count
        rest = rest.dropFirst(count)
        return count
    }
}
