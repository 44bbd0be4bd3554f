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

    let key: SymmetricKey

    init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    /// HMAC-SHA256 (RFC 2104) over the fields, each preceded by its length, so that no two entries read alike.
    func link(_ fields: Fields) -> [UInt8] {
        var data = Data("earmark/v1/audit/entry".utf8)
        for part in [
            Self.bytes(fields.position), Array(fields.id.utf8), Self.bytes(fields.at.seconds),
            Array(fields.action.utf8), fields.commitment, fields.previous,
        ] + (fields.meetingID.map { [Array($0.text.utf8)] } ?? []) {
            data += Data(Self.bytes(Int64(part.count)) + part)
        }
        return Array(HMAC<SHA256>.authenticationCode(for: data, using: key))
    }

    /// Authenticates how long the log is, so that entries cannot be dropped from its end.
    func seal(count: Int64, head: [UInt8]) -> [UInt8] {
        let data = Data("earmark/v1/audit/head".utf8) + Data(Self.bytes(count) + head)
        return Array(HMAC<SHA256>.authenticationCode(for: data, using: key))
    }

    /// SHA-256 of the salt and the details: tells nothing about the details once the salt is gone.
    static func commitment(salt: [UInt8], details: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Data("earmark/v1/audit/details".utf8) + Data(salt) + Data(details)))
    }

    /// Big-endian.
    private static func bytes(_ value: Int64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}
