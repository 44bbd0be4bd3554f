import EarmarkOutput
import Foundation

/// Text and numbers as HTML shows them.
enum HTML {
    /// `text` without characters that mean something in HTML or steer its reading.
    static func escape(_ text: String) -> String { OutputText.html(text) }

    /// A probability of 10 to the `exponent` as a power of ten, rounded up so that it stays a bound.
    static func power(_ exponent: Double) -> String {
        let whole = exponent.rounded(.up).clamped
        return "10<sup>\(whole < 0 ? "&minus;" : "")\(abs(whole))</sup>"
    }

    /// The same as "1 in …".
    static func odds(_ exponent: Double) -> String {
        let whole = -exponent.rounded(.up).clamped
        let words = [3: "thousand", 6: "million", 9: "billion", 12: "trillion"]
        if whole <= 0 { return "no limit at all" }
        if let word = words[whole] { return "one in a \(word)" }
        return "one in 10<sup>\(whole)</sup>"
    }

    /// Seconds as h:mm:ss.
    static func clock(_ seconds: Double) -> String {
        let total = abs(seconds).rounded(.down).clamped
        let text = String(format: "%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60)
        return seconds < 0 && total > 0 ? "&minus;" + text : text
    }

    /// A number with `digits` decimals and a real minus sign.
    static func number(_ value: Double, _ digits: Int) -> String {
        let text = String(format: "%.\(digits)f", value)
        // No minus sign before what rounds to zero.
        let isZero = text.allSatisfy { "-0.".contains($0) }
        return isZero ? text.replacing("-", with: "") : text.replacing("-", with: "&minus;")
    }

    /// A table; cells are HTML already.
    static func table(_ head: [String], _ rows: [[String]]) -> String {
        let titles = head.map { "<th scope=\"col\">\($0)</th>" }.joined()
        let body = rows.map { "<tr>" + $0.map { "<td>\($0)</td>" }.joined() + "</tr>" }.joined(separator: "\n")
        return
            "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>\(titles)</tr></thead>\n"
            + "<tbody>\n\(body)\n</tbody></table></div>"
    }

    /// Names with their values; values are HTML already, those that are nil are left out.
    static func list(_ pairs: [(String, String?)]) -> String {
        let rows = pairs.compactMap { name, value in value.map { "<dt>\(name)</dt><dd>\($0)</dd>" } }
        return "<dl>" + rows.joined(separator: "\n") + "</dl>"
    }

    /// A section with its title.
    static func section(_ title: String, _ parts: String...) -> String {
        "<section>\n<h2>\(title)</h2>\n" + parts.joined(separator: "\n") + "\n</section>"
    }

    /// A paragraph of HTML.
    static func paragraph(_ text: String, class name: String? = nil) -> String {
        "<p\(name.map { " class=\"\($0)\"" } ?? "")>\(text)</p>"
    }
}
