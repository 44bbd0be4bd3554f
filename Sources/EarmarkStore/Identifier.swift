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
    static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var letters: [UInt8] = []
        var pending: UInt32 = 0
        var pendingBits = 0
        for byte in bytes {
            pending = (pending << 8 | UInt32(byte)) & 0xFFFF
            pendingBits += 8
            while pendingBits >= 5 {
                pendingBits -= 5
                letters.append(alphabet[Int(pending >> UInt32(pendingBits)) & 31])
            }
        }
        if pendingBits > 0 { letters.append(alphabet[Int(pending << UInt32(5 - pendingBits)) & 31]) }
        return String(decoding: letters, as: UTF8.self)
    }
}
