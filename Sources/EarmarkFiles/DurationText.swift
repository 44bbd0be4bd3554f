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
