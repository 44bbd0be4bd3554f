import Crypto
package import EarmarkFiles
import Foundation

/// Signs lines of JSON objects with a bundle's worker key, Ed25519 (RFC 8032).
///
/// The signature is the line's last member: what is signed is the line with that member taken out, after a label. The
/// description never shows the key.
package struct LineSigner: Sendable, CustomStringConvertible {
    /// The bundle whose key it is.
    package let bundle: BundleID
    private let key: Curve25519.Signing.PrivateKey

    init(bundle: BundleID, key: Curve25519.Signing.PrivateKey) {
        self.bundle = bundle
        self.key = key
    }

    /// No secret.
    package var description: String { "LineSigner(\(bundle), redacted)" }

    /// `object`, a JSON object without anything after its last brace, with the signature as its last member.
    ///
    /// - Throws: `malformed` if it is no object with members.
    package func signed(_ object: [UInt8]) throws(BundleError) -> [UInt8] {
        guard object.count > 2, object.last == UInt8(ascii: "}"),
            let signature = try? key.signature(for: SignedLine.message(object))
        else { throw BundleError(.malformed, "the line is no JSON object and cannot be signed") }
        return object.dropLast() + Array(SignedLine.opening.utf8) + Array(signature.base64EncodedString().utf8)
            + Array(SignedLine.closing.utf8)
    }

    /// The object that was signed, if `line` is one of this signer's, without its line feed; nil if not.
    package func object(_ line: [UInt8]) -> [UInt8]? {
        SignedLine.object(line, workerKey: Array(key.publicKey.rawRepresentation))
    }
}

/// Lines as `LineSigner` signs them.
package enum SignedLine {
    static let opening = ",\"signature\":\""
    static let closing = "\"}"
    private static let label = "earmark/v1/line\0"
    /// Characters of a signature of 64 bytes in base64.
    private static let signatureCount = 88

    static func message(_ object: some Sequence<UInt8>) -> Data { Data(label.utf8) + Data(object) }

    /// The object that was signed, if the signature is one of the holder of `workerKey`; nil if not.
    ///
    /// - Parameters:
    ///   - line: without its line feed.
    ///   - workerKey: public key, 32 bytes.
    package static func object(_ line: [UInt8], workerKey: [UInt8]) -> [UInt8]? {
        let tail = opening.utf8.count + signatureCount + closing.utf8.count
        guard line.count > tail, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: workerKey) else {
            return nil
        }
        let end = line.suffix(tail)
        let text = Data(end.dropFirst(opening.utf8.count).dropLast(closing.utf8.count))
        // In one way alone: the last character has bits to spare, and a line of other bytes must be another line.
        guard end.starts(with: opening.utf8), end.suffix(closing.utf8.count).elementsEqual(closing.utf8),
            let signature = Data(base64Encoded: text), signature.base64EncodedData() == text
        else { return nil }
        let object = Array(line.dropLast(tail)) + [UInt8(ascii: "}")]
        return key.isValidSignature(signature, for: message(object)) ? object : nil
    }

    /// The object that a line says was signed, whoever signed it; nil if the line has no signature at its end.
    package static func unverified(_ line: [UInt8]) -> [UInt8]? {
        let tail = opening.utf8.count + signatureCount + closing.utf8.count
        guard line.count > tail, line.suffix(tail).starts(with: opening.utf8) else { return nil }
        return Array(line.dropLast(tail)) + [UInt8(ascii: "}")]
    }
}
