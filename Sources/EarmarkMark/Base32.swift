/// Base32 as in RFC 4648, in lower case and without padding: how identifiers are spelt.
package enum Base32 {
    /// The letters and digits that spell `bytes`, in ASCII.
    package static func text(_ bytes: [UInt8]) -> [UInt8] {
        var letters: [UInt8] = []
        var pending: UInt32 = 0
        var pendingBits = 0
        for byte in bytes {
            pending = (pending << 8 | UInt32(byte)) & 0xFFFF
            pendingBits += 8
            while pendingBits >= 5 {
                pendingBits -= 5
                letters.append(letter(pending >> UInt32(pendingBits)))
            }
        }
        if pendingBits > 0 { letters.append(letter(pending << UInt32(5 - pendingBits))) }
        return letters
    }

    private static func letter(_ value: UInt32) -> UInt8 {
        let index = UInt8(truncatingIfNeeded: value & 31)
        return index < 26 ? UInt8(ascii: "a") + index : UInt8(ascii: "2") + index - 26
    }
}
