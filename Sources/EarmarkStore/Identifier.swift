import EarmarkMark

/// Makes the identifiers of stored things: a letter, an underscore and random lower-case base32.
///
/// The alphabet is safe in shells, file names and URLs; nothing starts with a dash.
enum Identifier {
    /// What an identifier names, by its first letter.
    enum Kind: String {
        case store = "s"
        case organisation = "o"
        case meeting = "m"
        case participant = "p"
        case client = "c"
        case ticket = "t"
        case analysis = "a"
        case auditEntry = "e"
        case bundle = "b"
    }

    /// Bytes of randomness in an identifier: 80 bits make a collision among a billion less likely than 1 in a million.
    static let byteCount = 10

    /// A fresh identifier of `kind`.
    static func make(_ kind: Kind) -> String {
        text(kind, bytes: randomBytes(byteCount))
    }

    /// The identifier of `kind` that spells `bytes`.
    static func text(_ kind: Kind, bytes: [UInt8]) -> String {
        kind.rawValue + "_" + base32(bytes)
    }

    /// `count` bytes from the system's secure generator.
    static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// RFC 4648 base32 in lower case, without padding.
    static func base32(_ bytes: [UInt8]) -> String { String(decoding: Base32.text(bytes), as: UTF8.self) }
}
