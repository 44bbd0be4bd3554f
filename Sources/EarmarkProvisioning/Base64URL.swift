/// Base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strictly: every value has one text.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// Marks bytes outside the alphabet.
    private static let invalid: UInt8 = 0xFF
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// Length of the text of `count` bytes.
    static func textByteCount(_ count: Int) -> Int { (count * 4 + 2) / 3 }

    /// Length of what a well-formed text of `count` characters holds.
    static func decodedByteCount(_ count: Int) -> Int { count * 3 / 4 }

    /// The text of `bytes`, in ASCII.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: textByteCount(bytes.count)) { text, count in
            count = textByteCount(bytes.count)
            bytes.withUnsafeBytes { encode($0, into: UnsafeMutableRawBufferPointer(text)) }
        }
    }

    /// Writes the text of `bytes` to `text`, which has `textByteCount` bytes.
    static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        var written = 0
        var pending: UInt32 = 0
        var pendingBits: UInt32 = 0
        for byte in bytes {
            pending = (pending << 8 | UInt32(byte)) & 0xFFFF
            pendingBits += 8
            while pendingBits >= 6 {
                pendingBits -= 6
                text[written] = alphabet[Int(pending >> pendingBits & 63)]
                written += 1
            }
        }
        if pendingBits > 0 { text[written] = alphabet[Int(pending << (6 - pendingBits) & 63)] }
    }

    /// Whether `text` is what `encode` writes for some bytes.
    static func isValid(_ text: some Collection<UInt8>) -> Bool {
        let last: UInt8? =
            text.withContiguousStorageIfAvailable(checked) ?? Array(text).withUnsafeBufferPointer(checked)
        guard let last else { return false }
        // Bits of the last character that no byte takes must be zero, else two texts would be one value.
        switch text.count % 4 {
        case 0: return true
        case 2: return last & 0b1111 == 0
        case 3: return last & 0b11 == 0
        default: return false
        }
    }

    /// The value of the last character, 0 without one; nil if a character is outside the alphabet.
    private static func checked(_ text: UnsafeBufferPointer<UInt8>) -> UInt8? {
        values.withUnsafeBufferPointer { values in
            var last: UInt8 = 0
            // Values have six bits, so that this one shows whether any character had none.
            var seen: UInt8 = 0
            for character in text {
                last = values[Int(character)]
                seen |= last
            }
            return seen & 0x80 == 0 ? last : nil
        }
    }

    /// The bytes that `text` holds; nil if it is not strict base64url.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        isValid(text) ? decodeValid(text) : nil
    }

    /// The bytes of a text that `isValid` has accepted.
    static func decodeValid(_ text: some Collection<UInt8>) -> [UInt8] {
        text.withContiguousStorageIfAvailable(decoded) ?? Array(text).withUnsafeBufferPointer(decoded)
    }

    private static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        values.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: decodedByteCount(text.count)) { bytes, written in
                written = 0
                var pending: UInt32 = 0
                var pendingBits: UInt32 = 0
                for character in text {
                    pending = pending << 6 | UInt32(values[Int(character)])
                    pendingBits += 6
                    guard pendingBits >= 8 else { continue }
                    pendingBits -= 8
                    bytes[written] = UInt8(truncatingIfNeeded: pending >> pendingBits)
                    written += 1
                }
            }
        }
    }
}

extension SecretBytes {
    /// The bytes as base64url, secret as well.
    public var base64URL: SecretBytes {
        withUnsafeBytes { bytes in
            SecretBytes(count: Base64URL.textByteCount(bytes.count)) { Base64URL.encode(bytes, into: $0) }
        }
    }
}
