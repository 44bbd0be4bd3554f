import EarmarkOutput
import Foundation

/// Rules that text from outside must keep before it is stored.
enum FieldRules {
    /// Longest name, title or device, in Unicode scalars: fits a report's line and a database index.
    static let maximumNameLength = 200
    /// Longest e-mail in bytes, from RFC 5321's 256-octet path less its brackets.
    static let maximumEmailLength = 254
    /// Longest domain in bytes, from RFC 1035.
    static let maximumDomainLength = 253
    /// Longest note in Unicode scalars: pages of text, no attachment.
    static let maximumNoteLength = 10_000

    /// Whether readers see nothing of `text`: it is empty, or all of it is blank or invisible.
    static func isBlank(_ text: String) -> Bool { text.visible.isEmpty }

    /// Why `text` is unfit as a name, title or device; nil when it is fit.
    static func problem(withName text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.unicodeScalars.count > maximumNameLength { return "is longer than \(maximumNameLength) characters" }
        // Reports are read on terminals: escape sequences and direction overrides could make one name look like
        // another.
        if text.unicodeScalars.contains(where: isDeceptive) { return "holds a control character" }
        // Whoever is accused under such a name is nobody to those who read it.
        return isBlank(text) ? "is empty" : nil
    }

    /// Why `text` is unfit as a note, in which line feeds and tabs are fine; nil when it is fit.
    static func problem(withNote text: String) -> String? {
        if text.unicodeScalars.count > maximumNoteLength { return "is longer than \(maximumNoteLength) characters" }
        if text.unicodeScalars.contains(where: { isDeceptive($0) && $0 != "\n" && $0 != "\t" }) {
            return "holds a control character"
        }
        return nil
    }

    /// Why `text` is unfit as an e-mail address; nil when it is fit.
    static func problem(withEmail text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > maximumEmailLength { return "is longer than \(maximumEmailLength) bytes" }
        if text.unicodeScalars.contains(where: isDeceptive) { return "holds a control character" }
        // As address books and links have it: it would be another address than the same one written alone.
        if text.contains("<") || text.lowercased().hasPrefix("mailto:") {
            return "is more than an address: write the address alone, such as ada@example.org"
        }
        if text.unicodeScalars.contains(where: \.properties.isWhitespace) { return "holds a space" }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, problem(withDomain: String(parts[1])) == nil else {
            return "is not of the form name@domain"
        }
        return nil
    }

    /// Why `text` is unfit as a domain; nil when it is fit.
    static func problem(withDomain text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > maximumDomainLength { return "is longer than \(maximumDomainLength) bytes" }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isFit = labels.allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.unicodeScalars.allSatisfy { $0 == "-" || $0.properties.isAlphabetic || isDigit($0) }
        }
        return isFit ? nil : "is not a domain name"
    }

    /// The form under which e-mails, domains and names are compared: canonical composition, lower case.
    static func folded(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased()
    }

    /// The domain of an e-mail in its compared form.
    static func domain(ofEmail email: String) -> String {
        folded(String(email.split(separator: "@").last ?? ""))
    }

    /// `text` without spaces and tabs at its ends.
    static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Control characters, line and paragraph separators, and the scalars that reorder text.
    private static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }
}
