import Foundation

/// A point in time in the words that a user chose, and in those of ISO 8601.
struct SpokenTime {
    /// `now` alone.
    let isNow: Bool
    /// The day: as ISO 8601 has it or a word; nil if the text is one word with the time in it.
    var day: String?
    /// The time of day as `09:00`, with seconds or an offset where they were given; nil without one.
    let clock: String?
    /// A zone by its name, such as `Europe/Berlin`.
    let zone: TimeZone?

    /// In the order of ISO 8601.
    var text: String { [day, clock].compactMap(\.self).joined(separator: " ") }

    init(_ text: String) {
        var words = text.split(separator: " ").map(String.init)
        zone = words.count > 1 ? words.last.flatMap(SpokenTime.zone) : nil
        if zone != nil { words.removeLast() }
        words = words.map { $0.lowercased() }
        isNow = words == ["now"] && zone == nil
        if words.count > 2, words[1] == "at" { words.remove(at: 1) }
        if words.count == 3, ["am", "pm"].contains(words[2]) { words = [words[0], words[1] + words[2]] }
        // An offset may stand apart.
        if words.count == 3 { words = [words[0], words[1] + (words[2] == "utc" ? "z" : words[2])] }
        if let first = words.first { words[0] = SpokenTime.spelled(first) }
        let isOneWord = words.count == 1 && words[0].contains(":")
        day = isOneWord ? nil : words.first
        let rest = words.dropFirst().joined(separator: " ")
        clock = isOneWord ? words[0] : rest.isEmpty ? nil : SpokenTime.clock(rest)
    }

    /// A zone of the system's tables; words without a slash are no names of places.
    private static func zone(_ name: String) -> TimeZone? { name.contains("/") ? TimeZone(identifier: name) : nil }

    /// `20261129T1000Z`, the short form of ISO 8601, in the long one; anything else as it is.
    private static func spelled(_ word: String) -> String {
        let parts = word.split(separator: "t", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].count == 8, isDigits(parts[0]) else { return word }
        let day = "\(parts[0].prefix(4))-\(parts[0].dropFirst(4).prefix(2))-\(parts[0].suffix(2))"
        guard parts.count == 2 else { return day }
        let digits = parts[1].prefix(while: \.isWholeNumber)
        guard digits.count == 4 || digits.count == 6 else { return word }
        let minutes = "\(digits.prefix(2)):\(digits.dropFirst(2).prefix(2))"
        let seconds = digits.count == 6 ? ":\(digits.suffix(2))" : ""
        return "\(day)t\(minutes)\(seconds)\(parts[1].dropFirst(digits.count))"
    }

    /// `9:00`, `2pm` or `2:30pm` with two digits for the hour, and without halves of the day; anything else as it is.
    private static func clock(_ word: String) -> String {
        let half = word.hasSuffix("am") ? 0 : word.hasSuffix("pm") ? 12 : nil
        let parts = word.dropLast(half == nil ? 0 : 2).split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first, first.count <= 2, isDigits(first), let hour = Int(first) else { return word }
        guard let half else { return first.count == 1 && parts.count > 1 ? "0" + word : word }
        guard (1...12).contains(hour) else { return word }
        let minutes = parts.count > 1 ? parts.dropFirst().joined(separator: ":") : "00"
        let hours = hour % 12 + half
        return (hours < 10 ? "0\(hours):" : "\(hours):") + minutes
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
