/// Text as a terminal shows it.
package enum TerminalText {
    /// `text` without the characters that could steer a terminal; line feeds and tabs stay.
    package static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isSafe = scalar.properties.generalCategory != .control || scalar == "\n" || scalar == "\t"
            result.append(isSafe ? scalar : "\u{FFFD}")
        }
        return String(result)
    }
}
