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

    /// A response that is none, or a refusal.
    struct Malformed: Error {}

    // MARK: Asking

    /// A request to stamp `digest`, which is one of SHA-256, with the authority's certificate in the response.
    static func request(_ digest: [UInt8], nonce: UInt64) -> [UInt8] {
        // DER writes numbers without leading bytes that say nothing: the second highest bit is always set.
        let number = withUnsafeBytes(of: (nonce >> 1 | 1 << 62).bigEndian) { Array($0) }
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
        guard digest.count == 32, time.utf8.allSatisfy({ 0x2E...0x5A ~= $0 }) else { throw Malformed() }
    }

    /// Whether an authority whose root certificate is in the PEM file `authorities` made `response` of `digest`.
    ///
    /// - Throws: `AnchorTelling.Failure` where OpenSSL is missing.
    static func verify(_ response: [UInt8], of digest: [UInt8], authorities: String) throws -> Bool {
        guard (try? TimeStamp(response))?.digest == digest else { return false }
        do {
            _ = try AnchorTelling.run(
                [
                    "openssl", "ts", "-verify", "-digest", Hexadecimal.text(digest), "-in", "/dev/stdin", "-CAfile",
                    authorities,
                ], input: response)
            return true
        } catch let failure as AnchorTelling.Failure where !failure.text.contains("status") {
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
