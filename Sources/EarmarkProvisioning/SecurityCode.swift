import Crypto
import Foundation

/// The code by which people in a meeting see that they share its keys (RFC 9420, section 8.5 for the exporter).
///
/// It belongs to this product: the vendor's code comes about in a way that is not published. Whoever compares two codes
/// learns that both sides are in one epoch, not who else is.
public struct SecurityCode: Equatable, Sendable, CustomStringConvertible {
    /// Hash functions of MLS cipher suites.
    public enum HashFunction: String, CaseIterable, Sendable {
        /// Suites 1, 2 and 3.
        case sha256 = "SHA-256"
        /// Suite 7.
        case sha384 = "SHA-384"
        /// Suites 4, 5 and 6.
        case sha512 = "SHA-512"

        /// Length of a hash and of the secrets, in bytes.
        public var byteCount: Int {
            switch self {
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    /// Six groups of five digits with spaces between them.
    public let description: String

    private static let label = "meeting code v1"
    private static let groupCount = 6
    /// Bytes for a group: 40 bits modulo 100,000 are even to one part in ten million.
    private static let bytesPerGroup = 5
    private static let groupModulus: UInt64 = 100_000
    private static let digitsPerGroup = 5
    /// Longest group identifier, in bytes; those of MLS are free in length.
    static let maximumGroupIDByteCount = 16_383

    /// The code of one epoch.
    ///
    /// - Parameters:
    ///   - hash: the hash of the group's cipher suite.
    ///   - exporterSecret: the epoch's `exporter_secret`, as long as a hash.
    ///   - groupID: the group's identifier, up to 16,383 bytes.
    ///   - epoch: the epoch's number.
    /// - Throws: `badExporterInput`.
    public init(
        hash: HashFunction, exporterSecret: SecretBytes, groupID: [UInt8], epoch: UInt64
    ) throws(ProvisioningError) {
        guard exporterSecret.count == hash.byteCount else {
            throw ProvisioningError(
                .badExporterInput,
                "the exporter secret has \(exporterSecret.count) bytes; \(hash.rawValue) takes \(hash.byteCount)")
        }
        guard groupID.count <= SecurityCode.maximumGroupIDByteCount else {
            throw ProvisioningError(
                .badExporterInput, "the group identifier has more than \(SecurityCode.maximumGroupIDByteCount) bytes")
        }
        let context = SecurityCode.vector(groupID) + withUnsafeBytes(of: epoch.bigEndian) { Array($0) }
        let count = SecurityCode.groupCount * SecurityCode.bytesPerGroup
        let bytes = exporterSecret.withUnsafeBytes { secret in
            switch hash {
            case .sha256: SecurityCode.export(SHA256.self, secret, context: context, byteCount: count)
            case .sha384: SecurityCode.export(SHA384.self, secret, context: context, byteCount: count)
            case .sha512: SecurityCode.export(SHA512.self, secret, context: context, byteCount: count)
            }
        }
        description = stride(from: 0, to: count, by: SecurityCode.bytesPerGroup).map { start in
            let value = bytes[start..<start + SecurityCode.bytesPerGroup].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let digits = String(value % SecurityCode.groupModulus)
            return String(repeating: "0", count: SecurityCode.digitsPerGroup - digits.count) + digits
        }.joined(separator: " ")
    }

    /// Whether `text` is this code; spaces do not count, and time does not tell where codes differ.
    public func matches(_ text: String) -> Bool {
        SecretBytes(digits(text)) == SecretBytes(digits(description))
    }

    private func digits(_ text: String) -> [UInt8] { text.utf8.filter { $0 != UInt8(ascii: " ") } }

    /// MLS-Exporter.
    private static func export<H: HashFunctionType>(
        _ hash: H.Type, _ secret: UnsafeRawBufferPointer, context: [UInt8], byteCount: Int
    ) -> [UInt8] {
        let derived = expand(hash, SymmetricKey(data: secret), label: label, context: [], byteCount: H.Digest.byteCount)
        let key = expand(hash, derived, label: "exported", context: Array(H.hash(data: context)), byteCount: byteCount)
        return key.withUnsafeBytes { Array($0) }
    }

    private typealias HashFunctionType = Crypto.HashFunction

    /// ExpandWithLabel of RFC 9420, section 8; DeriveSecret is the same with an empty context and a hash's length.
    private static func expand<H: HashFunctionType>(
        _ hash: H.Type, _ secret: SymmetricKey, label: String, context: [UInt8], byteCount: Int
    ) -> SymmetricKey {
        let length = withUnsafeBytes(of: UInt16(byteCount).bigEndian) { Array($0) }
        let info = length + vector(Array("MLS 1.0 \(label)".utf8)) + vector(context)
        return HKDF<H>.expand(pseudoRandomKey: secret, info: info, outputByteCount: byteCount)
    }

    /// A variable-length vector: its length in one or two bytes (RFC 9000, section 16), then its bytes.
    private static func vector(_ bytes: [UInt8]) -> [UInt8] {
        let maximumOneByteLength = 63
        let twoByteMark = 0x4000
        guard bytes.count > maximumOneByteLength else { return [UInt8(bytes.count)] + bytes }
        return withUnsafeBytes(of: UInt16(twoByteMark | bytes.count).bigEndian) { Array($0) } + bytes
    }
}
