/// Fixed-width fields of binary headers; nil where the bytes end.
extension [UInt8] {
    func bigEndian16(at offset: Int) -> UInt16? {
        guard offset >= 0, offset + 2 <= count else { return nil }
        return UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    func bigEndian32(at offset: Int) -> UInt32? {
        guard offset >= 0, offset + 4 <= count else { return nil }
        var value: UInt32 = 0
        for index in offset..<offset + 4 { value = value << 8 | UInt32(self[index]) }
        return value
    }

    func bigEndian64(at offset: Int) -> UInt64? {
        guard let high = bigEndian32(at: offset), let low = bigEndian32(at: offset + 4) else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }

    func littleEndian16(at offset: Int) -> UInt16? { bigEndian16(at: offset)?.byteSwapped }

    func littleEndian32(at offset: Int) -> UInt32? { bigEndian32(at: offset)?.byteSwapped }

    func littleEndian64(at offset: Int) -> UInt64? { bigEndian64(at: offset)?.byteSwapped }

    func fourCC(at offset: Int) -> FourCC? { bigEndian32(at: offset).map(FourCC.init(rawValue:)) }

    /// Whether the ASCII `text` stands at `offset`.
    func contains(_ text: StaticString, at offset: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset >= 0, offset + length <= count else { return false }
        return text.withUTF8Buffer { wanted in
            for index in 0..<length where self[offset + index] != wanted[index] { return false }
            return true
        }
    }
}

/// A four-character code of RIFF and MP4 files.
struct FourCC: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(stringLiteral text: StaticString) {
        precondition(text.utf8CodeUnitCount == 4, "a four-character code has four characters")
        self.rawValue = text.withUTF8Buffer { $0.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
    }

    /// The four bytes of a number, the lowest first.
    static func littleEndian(_ number: UInt32) -> FourCC { FourCC(rawValue: number.byteSwapped) }

    /// Whether it is made of characters that can be printed, as names of chunks are.
    var isName: Bool { bytes.allSatisfy { (0x20..<0x7F).contains($0) } }

    var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * $0)) } }

    /// The characters, anything unprintable as `?`.
    var description: String {
        String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
