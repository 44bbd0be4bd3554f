import Foundation

/// What is unwise about a secret; a reason to warn when sealing, never to refuse.
public enum SecretAdvice: String, CaseIterable, Sendable {
    /// Fewer than 12 bytes.
    case short
    /// Few different characters, or less than 64 bits by a plain estimate.
    case guessable
    /// It ends with a line feed, which files do and secrets seldom.
    case endsWithNewline
    /// Text that is not in Unicode's composed form: another keyboard may type another secret.
    case notNormalized
    /// It begins with the mark that some editors put before UTF-8.
    case byteOrderMark
    /// It is text in UTF-16, as some systems' shells write files.
    case utf16
    /// Spaces or tabs at its beginning or end, which nobody sees.
    case outerBlanks
    /// Others than the owner may read its file.
    case readableByOthers

    /// Below this many bytes a secret is called short.
    static let recommendedByteCount = 12
    /// Below this estimate a secret is called guessable, in bits: scrypt adds about 15 to it.
    static let recommendedBits = 64.0

    fileprivate static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    fileprivate static let utf16Marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]

    /// The advice in words.
    public var text: String {
        switch self {
        case .short:
            "the secret has fewer than \(SecretAdvice.recommendedByteCount) bytes; 'secret generate' makes better ones"
        case .guessable:
            "the secret looks guessable; whoever sees one envelope can test guesses offline. 'secret generate' makes "
                + "better ones"
        case .endsWithNewline:
            "the secret ends with a line break, which is part of it; use --strip-newline if the device's secret has "
                + "none"
        case .notNormalized:
            "the secret is text whose accents are not composed (Unicode NFC); typed elsewhere it may be another secret"
        case .byteOrderMark:
            "the secret begins with a byte order mark, three bytes that are part of it: sed -i '1s/^\\xEF\\xBB\\xBF//' "
                + "FILE takes them off"
        case .utf16:
            "the secret looks like text in UTF-16, in which every byte is part of it: iconv -f UTF-16 -t UTF-8 makes "
                + "it what was typed"
        case .outerBlanks: "the secret begins or ends with a space or tab, which is part of it"
        case .readableByOthers: "others can read the file with the secret: chmod 600 it"
        }
    }
}

extension ClientSecret {
    /// What is unwise about this secret.
    public var advice: [SecretAdvice] {
        var advice: [SecretAdvice] = []
        if bytes.count < SecretAdvice.recommendedByteCount { advice.append(.short) }
        if estimatedBits < SecretAdvice.recommendedBits { advice.append(.guessable) }
        if endsWithNewline { advice.append(.endsWithNewline) }
        if !isNormalized { advice.append(.notNormalized) }
        if startsWith(SecretAdvice.utf8Mark) { advice.append(.byteOrderMark) }
        if looksLikeUTF16 { advice.append(.utf16) }
        if hasOuterBlanks { advice.append(.outerBlanks) }
        return advice
    }

    private func startsWith(_ mark: [UInt8]) -> Bool { bytes.withUnsafeBytes { $0.starts(with: mark) } }

    /// A mark of UTF-16, or zero in every other byte, which random bytes do not have.
    private var looksLikeUTF16: Bool {
        if SecretAdvice.utf16Marks.contains(where: startsWith) { return true }
        return bytes.withUnsafeBytes { bytes in
            let pairs = bytes.count / 2
            guard pairs > 1 else { return false }
            let zero: UInt8 = 0
            return [0, 1].contains { (offset: Int) in
                (0..<pairs).allSatisfy { (pair: Int) in bytes[2 * pair + offset] == zero }
            }
        }
    }

    /// Whether a blank stands at either end; one before a final line break counts.
    private var hasOuterBlanks: Bool {
        withoutFinalNewline.bytes.withUnsafeBytes { bytes in
            let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
            return [bytes.first, bytes.last].compactMap { $0 }.contains { blanks.contains($0) }
        }
    }

    /// Whether the last byte is a line feed.
    public var endsWithNewline: Bool { bytes.withUnsafeBytes { $0.last == UInt8(ascii: "\n") } }

    /// The secret without one final LF or CR LF.
    public var withoutFinalNewline: ClientSecret {
        guard endsWithNewline else { return self }
        let count = bytes.withUnsafeBytes { $0.dropLast().last == UInt8(ascii: "\r") ? $0.count - 2 : $0.count - 1 }
        return ClientSecret(bytes.slice(0..<count))
    }

    /// An estimate that is generous to the secret: its length times the bits of the kinds of characters in it, and no
    /// more than eight bits for each different byte.
    var estimatedBits: Double {
        bytes.withUnsafeBytes { bytes in
            var seen = (lower: false, upper: false, digit: false, other: false, high: false)
            var distinct: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): seen.lower = true
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): seen.upper = true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): seen.digit = true
                case 0x80...: seen.high = true
                default: seen.other = true
                }
                let bit = UInt64(1) << UInt64(byte & 63)
                switch byte >> 6 {
                case 0: distinct.0 |= bit
                case 1: distinct.1 |= bit
                case 2: distinct.2 |= bit
                default: distinct.3 |= bit
                }
            }
            let kinds = [(seen.lower, 26.0), (seen.upper, 26), (seen.digit, 10), (seen.other, 33), (seen.high, 128)]
            let alphabet = kinds.reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
            let different = [distinct.0, distinct.1, distinct.2, distinct.3].reduce(0) { $0 + $1.nonzeroBitCount }
            return min(Double(bytes.count) * log2(max(alphabet, 1)), Double(different) * 8)
        }
    }

    /// Whether the bytes are no text, or text in Unicode's composed form.
    private var isNormalized: Bool {
        bytes.withUnsafeBytes { bytes in
            guard bytes.contains(where: { $0 >= 0x80 }), let text = String(validating: bytes, as: UTF8.self) else {
                return true
            }
            return text.precomposedStringWithCanonicalMapping.utf8.elementsEqual(bytes)
        }
    }
}
