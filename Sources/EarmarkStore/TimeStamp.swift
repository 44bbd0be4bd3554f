import EarmarkFiles
import Foundation

/// A time stamp response (RFC 3161), as far as it is read here: what was stamped, and when.
///
/// Its signature is checked by OpenSSL (`verify`).
struct TimeStamp {
    /// What was stamped, SHA-256.
    let digest: [UInt8]
    /// When, as the authority wrote it: `20260302090000Z`.
    let time: String
    /// Whose question it answers; nil if the authority repeated none.
    let nonce: UInt64?

    /// A response that is none, or a refusal.
    struct Malformed: Error {}

    // MARK: Asking

    /// A random number for a request.
    ///
    /// DER writes numbers without leading bytes that say nothing: the highest bit is never set, the next one always.
    static func nonce() -> UInt64 { .random(in: 0 ... .max) >> 1 | 1 << 62 }

    /// A request to stamp `digest`, which is one of SHA-256, with the authority's certificate in the response.
    static func request(_ digest: [UInt8], nonce: UInt64) -> [UInt8] {
        let number = withUnsafeBytes(of: nonce.bigEndian) { Array($0) }
        let imprint = wrapped(0x30, wrapped(0x30, sha256 + [0x05, 0x00]) + wrapped(0x04, digest))
        return wrapped(0x30, [0x02, 0x01, 0x01] + imprint + wrapped(0x02, number) + [0x01, 0x01, 0xFF])
    }

    /// Object identifier 2.16.840.1.101.3.4.2.1.
    private static let sha256: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
    /// Object identifier 1.2.840.113549.1.9.16.1.4: TSTInfo.
    private static let info: [UInt8] = [
        0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04,
    ]

    /// Short forms only: nothing here has 128 bytes.
    private static func wrapped(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        precondition(content.count < 128)
        return [tag, UInt8(content.count)] + content
    }

    // MARK: Reading

    /// Reads a response that grants a stamp of a SHA-256 digest.
    init(_ response: [UInt8]) throws {
        var whole = DERReader(response[...])
        var parts = try whole.inner(0x30)
        var status = try parts.inner(0x30)
        guard let granted = try status.inner(0x02).bytes.last, granted <= 1 else { throw Malformed() }
        var content = try parts.inner(0x30)
        _ = try content.inner(0x06)
        var tagged = try content.inner(0xA0)
        var signed = try tagged.inner(0x30)
        _ = try signed.inner(0x02)
        _ = try signed.inner(0x31)
        var encapsulated = try signed.inner(0x30)
        guard try encapsulated.inner(0x06).bytes.elementsEqual(Self.info.dropFirst(2)) else { throw Malformed() }
        var octets = try encapsulated.inner(0xA0)
        var token = try octets.inner(0x04)
        var fields = try token.inner(0x30)
        _ = try fields.inner(0x02)
        _ = try fields.inner(0x06)
        var imprint = try fields.inner(0x30)
        var algorithm = try imprint.inner(0x30)
        guard try algorithm.inner(0x06).bytes.elementsEqual(Self.sha256.dropFirst(2)) else { throw Malformed() }
        digest = Array(try imprint.inner(0x04).bytes)
        _ = try fields.inner(0x02)
        time = String(decoding: try fields.inner(0x18).bytes, as: UTF8.self)
        // Accuracy and whether stamps are ordered may stand before it.
        if fields.bytes.first == 0x30 { _ = try fields.inner(0x30) }
        if fields.bytes.first == 0x01 { _ = try fields.inner(0x01) }
        let number = fields.bytes.first == 0x02 ? try fields.inner(0x02).bytes : []
        nonce =
            number.isEmpty || number.count > 8 ? nil : number.reduce(0) { $0 << 8 | UInt64($1) }
        guard digest.count == 32, time.utf8.allSatisfy({ 0x2E...0x5A ~= $0 }) else { throw Malformed() }
    }

    /// The time in Unix seconds; nil if it is none.
    private var seconds: Int64? {
        let digits = Array(time.prefix(14))
        guard digits.count == 14, time.hasSuffix("Z") else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        let text = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z"
        return Timestamp(text)?.seconds
    }

    /// Whether an authority whose root certificate is in the PEM file `authorities` made `response` of `digest`.
    ///
    /// Certificates must have been valid when it was stamped: they expire sooner than what they vouch for is asked for.
    ///
    /// - Throws: `AnchorTelling.Failure` where OpenSSL is missing or the file cannot be read.
    static func verify(_ response: [UInt8], of digest: [UInt8], authorities: String) throws -> Bool {
        guard let stamp = try? TimeStamp(response), stamp.digest == digest, let seconds = stamp.seconds else {
            return false
        }
        guard access(authorities, R_OK) == 0 else {
            throw AnchorTelling.Failure(text: "'\(authorities)' cannot be read")
        }
        do {
            _ = try AnchorTelling.runSystem(
                "openssl",
                [
                    "ts", "-verify", "-digest", Hexadecimal.text(digest), "-in", "/dev/stdin", "-CAfile", authorities,
                    "-attime", "\(seconds)",
                ], input: response)
            return true
        } catch let failure as AnchorTelling.Failure where !failure.isRefusal {
            throw failure
        } catch {
            return false
        }
    }
}

/// Reads DER values one after another.
private struct DERReader {
    /// What is left.
    private(set) var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// The content of the next value, which must have this tag.
    mutating func inner(_ tag: UInt8) throws -> DERReader {
        guard bytes.popFirst() == tag, let first = bytes.popFirst() else { throw TimeStamp.Malformed() }
        var count = Int(first)
        if first >= 0x80 {
            guard (0x81...0x84).contains(first) else { throw TimeStamp.Malformed() }
            count = 0
            for _ in 0..<first & 0x7F {
                guard let byte = bytes.popFirst() else { throw TimeStamp.Malformed() }
                count = count << 8 | Int(byte)
            }
        }
        guard count <= bytes.count else { throw TimeStamp.Malformed() }
        let content = bytes.prefix(count)
        bytes = bytes.dropFirst(count)
        return DERReader(content)
    }
}
