import Foundation

/// Writes comma-separated values for people's spreadsheets.
package enum CSVText {
    /// Rows, lines ending in CRLF (RFC 4180).
    ///
    /// - Parameters:
    ///   - rows: the cells of each.
    ///   - numbers: columns, from 0, in which cells that are numbers stay numbers: their sign begins no formula.
    package static func rows(_ rows: [[String]], numbers: Set<Int> = []) -> String {
        rows.map { row in
            let cells = row.enumerated().map { column, text in
                numbers.contains(column) && Double(text)?.isFinite == true ? text : cell(text)
            }
            return cells.joined(separator: ",") + "\r\n"
        }.joined()
    }

    /// A cell: quoted where needed, and never one that a spreadsheet evaluates.
    ///
    /// An apostrophe before it makes it text. Spreadsheets differ in what they skip before a formula's first sign and
    /// in which signs they take for it, so everything that is not shown is skipped here, and signs of full or small
    /// width count.
    package static func cell(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let first = scalars.first { !isSkipped($0) }
        let isFormula =
            scalars.first.map { "\t\r\n".unicodeScalars.contains($0) } ?? false || first.map(beginsFormula) ?? false
        let safe = (isFormula ? "'" : "") + text
        // Semicolons and tabs separate cells in some countries' spreadsheets.
        guard safe.unicodeScalars.contains(where: { "\",;\t\r\n".unicodeScalars.contains($0) }) else { return safe }
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }

    /// Whether nothing of it is seen before the next scalar, or it combines with what is not there.
    private static func isSkipped(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isInvisible || scalar.properties.isWhitespace { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark, .unassigned, .privateUse: return true
        default: return false
        }
    }

    /// Whether a formula can begin with it.
    private static func beginsFormula(_ scalar: Unicode.Scalar) -> Bool {
        // Minus signs and dashes are taken for one another.
        if scalar.properties.generalCategory == .dashPunctuation || scalar == "\u{2212}" { return true }
        let plain = String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars.first ?? scalar
        return "=+-@|%".unicodeScalars.contains(plain) || plain == "\u{2212}"
    }
}
