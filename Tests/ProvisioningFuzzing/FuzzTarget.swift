import Crypto
import EarmarkFiles
package import EarmarkProvisioning
import Foundation

/// Parsers that take bytes from outside, each with what must hold whatever the bytes are.
///
/// A rule that is broken stops the process: a fuzzer keeps the input, a test fails.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// The JSON of an envelope's header, in an envelope that is otherwise well-formed.
    case header
    /// The text of an envelope.
    case envelope
    /// A good envelope with edits that the bytes describe.
    case edits
    /// PEM with certificates and keys.
    case pem
    /// What `Services Show` prints.
    case services
    /// A list of devices: comma-separated values.
    case devices
    /// A list of users: tab-delimited UTF-16.
    case users

    /// Feeds `bytes` to the parser.
    package func run(_ bytes: [UInt8]) {
        switch self {
        case .header: FuzzEnvelopes.openHeader(bytes)
        case .envelope: FuzzEnvelopes.open(bytes)
        case .edits: FuzzEnvelopes.openEdited(bytes)
        case .pem: FuzzTarget.readPEM(bytes)
        case .services: _ = try? ServicesList(bytes)
        case .devices: _ = try? CSVReader.records(bytes)
        case .users: FuzzTarget.readUsers(bytes)
        }
    }

    /// What is sealed reads back as the same bundle.
    private static func readPEM(_ bytes: [UInt8]) {
        let bundle = IdentityBundle(pem: [SecretBytes(bytes)])
        _ = try? CertificateFacts.all(inPEM: SecretBytes(bytes))
        guard let payload = try? bundle.payload() else { return }
        let again = IdentityBundle(pem: [payload])
        precondition(
            again.leaf == bundle.leaf && again.chain == bundle.chain, "a bundle changes when it is written anew")
        precondition((try? again.payload()) == payload, "a bundle that was written anew changes again")
    }

    /// A list is written as it was read, and a type that was granted is there.
    private static func readUsers(_ bytes: [UInt8]) {
        guard var table = try? UserTable(bytes) else { return }
        if bytes.starts(with: [0xFF, 0xFE]) {
            precondition(table.serialized() == bytes, "a list of users changes by being read")
        }
        guard (try? table.grant(652)) != nil else { return }
        precondition((try? table.grant(652))?.isEmpty == true, "a type that was granted is not found again")
        precondition((try? UserTable(table.serialized())) != nil, "a list of users cannot be read again")
    }
}

/// Envelopes under a key that costs nothing, since fuzzers try millions.
package enum FuzzEnvelopes {
    /// The secret of all of them.
    package static let secret = ClientSecret(SecretBytes("fuzzing secret".utf8))

    /// SHA-256 over secret and salt in place of scrypt.
    package static let derivation = KeyDerivation { secret, salt, count in
        var hash = SHA256()
        secret.bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        hash.update(data: salt)
        return SymmetricKey(data: Array(hash.finalize()).prefix(count))
    }

    /// Good envelopes, one for each action and cipher, the same in every process.
    package static let good: [[UInt8]] = ProvisioningAction.allCases.flatMap { action in
        ContentCipher.allCases.compactMap { cipher in
            let text = try? Envelope.seal(
                action: action, payload: SecretBytes("payload of \(action)".utf8), secret: secret, cipher: cipher,
                salt: Array(0..<16), iv: Array(0..<12), derivation: derivation)
            return text.map { Array($0.utf8) }
        }
    }

    /// Opens `text`; the error that it is refused with, nil if it opens.
    package static func refusal(_ text: [UInt8]) -> ProvisioningError.Code? {
        do {
            _ = try Envelope.open(text, secret: secret, expecting: nil, derivation: derivation)
            return nil
        } catch {
            return error.code
        }
    }

    static func open(_ text: [UInt8]) {
        let refusal = refusal(text)
        let isInspected = (try? Envelope.inspect(String(decoding: text, as: UTF8.self))) != nil
        // Opening fails without a key if and only if inspecting does. Text that is no UTF-8 never gets there.
        precondition(
            isInspected == (refusal == nil || refusal == .authenticationFailed), "opening and inspecting differ")
    }

    static func openHeader(_ header: [UInt8]) {
        let segment = Data(header).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        open(Array((segment + "..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA").utf8))
    }

    /// Edits are triples: what to do, where, and with which byte.
    ///
    /// Whatever they make, only the original opens.
    static func openEdited(_ edits: [UInt8]) {
        guard let first = edits.first, !good.isEmpty else { return }
        let original = good[Int(first) % good.count]
        var text = original
        var rest = edits.dropFirst()
        while rest.count >= 4, !text.isEmpty {
            let edit = Array(rest.prefix(4))
            rest = rest.dropFirst(4)
            let position = (Int(edit[1]) << 8 | Int(edit[2])) % text.count
            switch edit[0] % 5 {
            case 0: text[position] = edit[3]
            case 1: text.insert(edit[3], at: position)
            case 2: text.remove(at: position)
            case 3: text[position] ^= 1 << (edit[3] & 7)
            default: text.swapAt(position, Int(edit[3]) % text.count)
            }
        }
        let refusal = refusal(text)
        precondition((refusal == nil) == (text == original), "a changed envelope opens, or a good one does not")
    }
}
