import Foundation

/// Text that somebody copied from a terminal, mail or document, as the device printed it.
enum PastedText {
    /// The text without what programs on the way put into it; nil if it is neither UTF-8 nor UTF-16 with its mark.
    ///
    /// Colours of terminals and characters that nobody sees go; blanks that do not break and quotes of typographers
    /// become plain ones.
    static func plain(_ bytes: [UInt8]) -> String? {
        let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let text = isWide ? String(data: Data(bytes), encoding: .utf16) : String(validating: bytes, as: UTF8.self)
        guard let text else { return nil }
        var result = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\u{1B}":
                // ESC [ parameters letter; other sequences are of one character.
                guard scalars.next() == "[" else { continue }
                while let parameter = scalars.next(), !("@"..."~").contains(parameter) {}
            case "\u{A0}", "\u{2007}", "\u{202F}": result.append(" ")
            case "\u{201C}", "\u{201D}", "\u{201E}": result.append("\"")
            case "\u{200B}", "\u{200E}", "\u{200F}", "\u{2060}", "\u{FEFF}": continue
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
