/// Spans of time as people write them: `2h`, `90m`, `1h30m`, `45s` or a number of seconds.
package enum DurationText {
    /// Whole seconds; nil for anything else.
    package static func parse(_ text: String) -> Int64? {
        if let seconds = number(text[...]) { return seconds }
        var rest = text[...]
        var total: Int64 = 0
        for (unit, length) in [("h", 3600), ("m", 60), ("s", 1)] as [(Character, Int64)] {
            guard let end = rest.firstIndex(of: unit) else { continue }
            guard let number = number(rest[..<end]) else { return nil }
            total += number * length
            rest = rest[rest.index(after: end)...]
        }
        guard rest.isEmpty, !text.isEmpty else { return nil }
        return total
    }

    /// `12:30` and `1:02:30` as seconds; nil for anything else.
    package static func clock(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let first = parts.first, (1...4).contains(first.utf8.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int64($0) }
        // Minutes that follow hours, and seconds, have two digits.
        guard numbers.count == parts.count, parts.dropFirst().allSatisfy({ $0.utf8.count == 2 }),
            numbers.dropFirst().allSatisfy({ $0 < 60 })
        else { return nil }
        return numbers.reduce(0) { 60 * $0 + $1 }
    }

    /// Digits only, and few enough that no product overflows.
    private static func number(_ text: Substring) -> Int64? {
        let maximumDigits = 9
        guard text.count <= maximumDigits, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int64(text)
    }

    /// `5400` as `1h30m`.
    package static func text(_ seconds: Int64) -> String {
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        let text = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return text.isEmpty ? "0s" : text
    }
}
