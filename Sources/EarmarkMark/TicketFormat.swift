/// The ticket file, version 3: fixed header, two identifiers, four seeds, checksum; integers are big-endian.
private enum TicketLayout {
    /// Not ASCII in front, then both line endings and end-of-file: a transfer that alters text breaks it visibly.
    static let magic: [UInt8] = [
        0x8F, UInt8(ascii: "E"), UInt8(ascii: "M"), UInt8(ascii: "T"), 0x0D, 0x0A, 0x1A, 0x0A,
    ]
    /// Format version that this code writes and reads.
    static let version: UInt16 = 3
    /// No flags are defined.
    static let flags: UInt16 = 0
    /// Bytes of the checksum at the end.
    static let checksumByteCount = 4
}

extension Ticket {
    /// Longest ticket file, in bytes: reading more than this of an untrusted file is never needed.
    public static let maximumByteCount =
        8 + 2 + 2 + 2 + idByteCount + 3 * 8 + 2 * (1 + maximumIdentifierLength) + 4 * Seed.byteCount + 4

    /// The ticket as a file's bytes.
    ///
    /// They hold the seeds: write them with mode 0600.
    public func serialized() -> [UInt8] {
        var bytes = TicketLayout.magic
        bytes.appendBigEndian(TicketLayout.version)
        bytes.appendBigEndian(TicketLayout.flags)
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: MarkProfile.inForce.rawValue))
        bytes += id
        for time in [meetingStart, notBefore, notAfter] { bytes.appendBigEndian(time) }
        for text in [meetingID, clientID] {
            // The initialiser keeps identifiers within `maximumIdentifierLength`, far below what a byte counts.
            bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
            bytes += Array(text.utf8)
        }
        for seed in [seeds.shared.pilot, seeds.shared.timeline, seeds.identity, seeds.tag] { bytes += seed.bytes }
        bytes.appendBigEndian(TicketChecksum.crc32(bytes[...]))
        return bytes
    }

    /// Reads a ticket file.
    ///
    /// - Parameter bytes: the whole file; anything after the ticket is an error.
    /// - Throws: `TicketError`; every damage to a valid file that changes up to 32 bits in a row is noticed.
    public init(parsing bytes: [UInt8]) throws(TicketError) {
        var reader = TicketReader(bytes)
        let magic = bytes.prefix(TicketLayout.magic.count)
        guard magic.elementsEqual(TicketLayout.magic) else {
            let isBeginning = bytes.count < TicketLayout.magic.count && TicketLayout.magic.starts(with: magic)
            throw TicketError(isBeginning && !bytes.isEmpty ? .truncated : .notATicket)
        }
        _ = try reader.take(TicketLayout.magic.count)
        guard try reader.integer(UInt16.self) == TicketLayout.version else { throw TicketError(.version) }
        guard try reader.integer(UInt16.self) == TicketLayout.flags else { throw TicketError(.flags) }
        let profile = Int(try reader.integer(UInt16.self))
        guard profile == MarkProfile.inForce.rawValue else { throw TicketError(profile: profile) }
        let id = Array(try reader.take(Ticket.idByteCount))
        let meetingStart = try reader.integer(Int64.self)
        let notBefore = try reader.integer(Int64.self)
        let notAfter = try reader.integer(Int64.self)
        let meetingID = try reader.identifier()
        let clientID = try reader.identifier()
        let shared = SharedSeeds(pilot: try reader.seed(), timeline: try reader.seed())
        let seeds = MarkSeeds(shared: shared, identity: try reader.seed(), tag: try reader.seed())
        let expected = TicketChecksum.crc32(reader.consumed)
        let checksum = try reader.integer(UInt32.self)
        guard reader.isAtEnd else { throw TicketError(.trailingData) }
        guard checksum == expected else { throw TicketError(.checksum) }
        try self.init(
            id: id, meetingID: meetingID, clientID: clientID, meetingStart: meetingStart, notBefore: notBefore,
            notAfter: notAfter, seeds: seeds)
    }
}

/// Takes fields off the front of a ticket file.
private struct TicketReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    /// All that was taken so far.
    var consumed: ArraySlice<UInt8> { bytes[..<offset] }

    mutating func take(_ count: Int) throws(TicketError) -> ArraySlice<UInt8> {
        guard bytes.count - offset >= count else { throw TicketError(.truncated) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(TicketError) -> Value {
        var value: Value = 0
        for byte in try take(Value.bitWidth / 8) { value = value << 8 | Value(truncatingIfNeeded: byte) }
        return value
    }

    /// A length byte and that many characters.
    mutating func identifier() throws(TicketError) -> String {
        let length = Int(try integer(UInt8.self))
        guard length <= Ticket.maximumIdentifierLength else { throw TicketError(.identifier) }
        let text = try take(length)
        guard Ticket.isIdentifier(text) else { throw TicketError(.identifier) }
        return String(decoding: text, as: UTF8.self)
    }

    mutating func seed() throws(TicketError) -> Seed {
        guard let seed = Seed(bytes: Array(try take(Seed.byteCount))) else { throw TicketError(.truncated) }
        return seed
    }
}

extension [UInt8] {
    fileprivate mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }
}

/// Guards tickets against damage in transfer; it authenticates nothing.
enum TicketChecksum {
    /// CRC-32 as in ISO 3309 and gzip (reflected polynomial 0xEDB88320); "123456789" gives 0xCBF43926.
    static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~remainder
    }
}
