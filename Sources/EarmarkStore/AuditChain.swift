import Crypto
import EarmarkFiles
import Foundation

/// The links of the audit log: each authenticates its entry and the link before it.
///
/// Keyed, so that whoever can write to the database alone cannot make them.
struct AuditChain {
    /// What an entry's link covers.
    struct Fields {
        let position: Int64
        let id: String
        let at: Timestamp
        let action: String
        /// The meeting that it concerns, whose purge takes the details.
        let meetingID: MeetingID?
        let commitment: [UInt8]
        let previous: [UInt8]
    }

    /// Bytes of a link, a commitment, a salt and the key.
    static let byteCount = 32
    /// The link before the first entry.
    static let origin = [UInt8](repeating: 0, count: byteCount)

    private let key: SymmetricKey
    /// What each link begins with: a log has many.
    private let begun: HMAC<SHA256>

    init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
        begun = HMAC<SHA256>(key: self.key)
    }

    /// HMAC-SHA256 (RFC 2104) over the fields, each preceded by its length, so that no two entries read alike.
    func link(_ fields: Fields) -> [UInt8] {
        var buffer = Self.label
        buffer.reserveCapacity(Self.typicalByteCount)
        Self.add(8, to: &buffer)
        Self.add(fields.position, to: &buffer)
        Self.add(fields.id.utf8, to: &buffer)
        Self.add(8, to: &buffer)
        Self.add(fields.at.seconds, to: &buffer)
        Self.add(fields.action.utf8, to: &buffer)
        Self.add(fields.commitment, to: &buffer)
        Self.add(fields.previous, to: &buffer)
        if let meetingID = fields.meetingID { Self.add(meetingID.text.utf8, to: &buffer) }
        var code = begun
        code.update(data: buffer)
        return Array(code.finalize())
    }

    private static let label = Array("earmark/v1/audit/entry".utf8)
    /// Bytes that hold most entries.
    private static let typicalByteCount = 256

    /// Adds bytes, their number first.
    private static func add(_ bytes: some Collection<UInt8>, to buffer: inout [UInt8]) {
        add(Int64(bytes.count), to: &buffer)
        buffer.append(contentsOf: bytes)
    }

    /// Adds a number, big-endian.
    private static func add(_ number: Int64, to buffer: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) {
            buffer.append(UInt8(truncatingIfNeeded: number >> Int64(shift)))
        }
    }

    /// Authenticates how long the log is, so that entries cannot be dropped from its end, and a clock beside that.
    func seal(count: Int64, head: [UInt8], clock: RunningClock? = nil) -> [UInt8] {
        let words = clock.map { " " + $0.words.joined(separator: " ") } ?? ""
        let data = Data("earmark/v1/audit/head".utf8) + Data(Self.bytes(count) + head) + Data(words.utf8)
        return Array(HMAC<SHA256>.authenticationCode(for: data, using: key))
    }

    /// SHA-256 of the salt and the details: tells nothing about the details once the salt is gone.
    static func commitment(salt: [UInt8], details: some DataProtocol) -> [UInt8] {
        var digest = SHA256()
        digest.update(data: detailsLabel)
        digest.update(data: salt)
        digest.update(data: details)
        return Array(digest.finalize())
    }

    private static let detailsLabel = Array("earmark/v1/audit/details".utf8)

    /// Big-endian.
    private static func bytes(_ value: Int64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}
