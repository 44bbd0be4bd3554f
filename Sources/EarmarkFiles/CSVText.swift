/// Writes comma-separated values for people's spreadsheets.
package enum CSVText {
    /// Rows, lines ending in CRLF (RFC 4180).
    package static func rows(_ rows: [[String]]) -> String {
        rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// Quotes a field where needed, and keeps spreadsheets from running it as a formula.
    private static func field(_ text: String) -> String {
        // Scalar by scalar: what combines with a quote or an equals sign hides it from a search by characters.
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let safe = (isFormula ? "'" : "").unicodeScalars + text.unicodeScalars
        guard safe.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
            return String(String.UnicodeScalarView(safe))
        }
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in safe {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}
