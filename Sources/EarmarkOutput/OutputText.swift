/// Text from outside, made fit for where it is written: a function for each context.
///
/// All of them go by Unicode scalars. Swift's characters are what people see as one, and what combines with a bracket
/// or a quote makes another character of it, which a search by characters does not find and a browser or shell does.
package enum OutputText {
    /// What stands for a scalar that must not be written.
    package static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// Text or a quoted attribute of HTML.
    package static func html(_ text: String) -> String {
        escaped(line(text, keeping: { $0 == "\n" || $0 == "\t" })) { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: nil
            }
        }
    }

    /// Text of XML between tags; every scalar but those with a meaning there stays.
    package static func xml(_ text: String) -> String {
        escaped(text) { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            default: nil
            }
        }
    }

    /// A value between double quotes, as labels of Prometheus have it: backslash, quote and line feed escaped.
    package static func quoted(_ text: String) -> String {
        escaped(text) { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: nil
            }
        }
    }

    /// One word of a POSIX shell, which no program mistakes for an option.
    package static func shellWord(_ text: String) -> String {
        let isOption = text.unicodeScalars.first == "-"
        let word = (isOption ? "./" : "") + text
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": true
            default: "._-/+,:@%=".unicodeScalars.contains(scalar)
            }
        }
        if isPlain, !word.isEmpty { return word }
        return "'" + escaped(word) { $0 == "'" ? "'\\''" : nil } + "'"
    }

    /// A field within a line of a terminal or log: it ends no line, steers no terminal, and reorders nothing beyond
    /// itself.
    package static func field(_ text: String) -> String { isolated(line(text, keeping: { _ in false })) }

    /// A whole line of a terminal or log, such as an error with the names that it is about.
    ///
    /// It stays one line, and nothing in it steers a terminal. Shell words in it stay what they are.
    package static func message(_ text: String) -> String { line(text, keeping: { _ in false }) }

    /// Text of several lines for a terminal, of whose fields each was made by `field`; line feeds and tabs stay.
    package static func terminal(_ text: String) -> String {
        line(text, keeping: { $0 == "\n" || $0 == "\t" || isIsolate($0) })
    }

    /// A value in a log: one word, quoted if it is none, everything but ASCII that prints written as `\u{…}`.
    package static func logValue(_ text: String) -> String {
        let isWord =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                (0x21...0x7E).contains(scalar.value) && scalar != "\"" && scalar != "\\" && scalar != "="
            }
        if isWord { return text }
        return "\""
            + escaped(text) { scalar in
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                default:
                    (0x20...0x7E).contains(scalar.value)
                        ? nil : "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
                }
            } + "\""
    }

    // MARK: Scalars

    /// `text` with what `escape` makes of each scalar; nil leaves one as it is.
    private static func escaped(_ text: String, _ escape: (Unicode.Scalar) -> String?) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let other = escape(scalar) {
                result.append(contentsOf: other.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// `text` with a replacement for each scalar that steers or reorders, but for those to keep.
    private static func line(_ text: String, keeping isKept: (Unicode.Scalar) -> Bool) -> String {
        escaped(text) { $0.steers && !isKept($0) ? String(replacement) : nil }
    }

    /// Text that runs from right to left, isolated from what stands beside it.
    private static func isolated(_ text: String) -> String {
        text.unicodeScalars.contains(where: \.runsFromRight) ? "\u{2068}" + text + "\u{2069}" : text
    }

    private static func isIsolate(_ scalar: Unicode.Scalar) -> Bool { scalar == "\u{2068}" || scalar == "\u{2069}" }
}
