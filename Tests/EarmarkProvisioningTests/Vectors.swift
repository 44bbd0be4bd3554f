import EarmarkProvisioning
import Foundation
import Testing

/// The data files beside the tests.
enum Vectors {
    /// The URL of a file in `Vectors`.
    static func url(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil)).appendingPathComponent(name)
    }

    static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }

    static func secret(_ name: String) throws -> SecretBytes { SecretBytes(try bytes(name)) }

    static let envelopes: EnvelopeVectors = load("jwe-vectors.json")
    static let certificates: PKIManifest = load("pki/manifest.json")

    private static func load<Value: Decodable>(_ name: String) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url(name)))
        } catch {
            fatalError("\(name): \(error)")
        }
    }

    static func bytes(hex: String) throws -> [UInt8] {
        let digits = Array(hex.utf8)
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            try #require(UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16))
        }
    }
}

struct EnvelopeVectors: Decodable {
    struct Text: Decodable {
        let hex: String
        let b64u: String
    }

    struct Refused: Decodable {
        let text: String
    }

    struct Derivation: Decodable {
        let secret_hex: String
        let salt_hex: String
        let length: Int
        let key_hex: String
    }

    struct FirstSecret: Decodable {
        let secret_utf8: String
        let b64u: String
        let command: String
    }

    struct Command: Decodable {
        struct Remote: Decodable {
            let method: String
            let params: [String: String]
        }

        let action: String
        let terminal: String
        let rpc: Remote
    }

    struct Accepted: Decodable, CustomTestStringConvertible {
        let id: String
        let action: String
        let enc: String
        let secret_hex: String
        let salt_hex: String
        let iv_hex: String
        let header_json: String
        let payload_hex: String?
        let payload_bytes: Int
        let payload_file: String?
        let payload_rule: String?
        let certificate: String?
        let blob: String
        let seal_reproduces_blob: Bool

        var testDescription: String { id }
    }

    struct Refusal: Decodable, CustomTestStringConvertible {
        let id: String
        let error: String
        let secret_hex: String
        let expected_action: String?
        let blob: String

        var testDescription: String { id }
    }

    struct RefusedPayload: Decodable, CustomTestStringConvertible {
        let id: String
        let action: String
        let secret_utf8: String
        let payload_utf8: String
        let error: String
        let blob: String

        var testDescription: String { id }
    }

    struct MeetingCode: Decodable {
        let hash: String
        let exporter_secret_hex: String
        let group_id_hex: String
        let epoch: UInt64
        let code: String
    }

    let base64url: [Text]
    let base64url_refused: [Refused]
    let errors_in_order: [String]
    let scrypt: [Derivation]
    let first_secret: [FirstSecret]
    let commands: [Command]
    let accept: [Accepted]
    let refuse: [Refusal]
    let refuse_payload: [RefusedPayload]
    let meeting_code: [MeetingCode]
}

struct PKIManifest: Decodable {
    struct Certificate: Decodable, CustomTestStringConvertible {
        let name: String
        let certificate: String
        let key: String
        let intermediates: [String]
        let extra_intermediate: String?
        let expect: String
        let common_name: String?
        let subject_alt_names: [String]
        let sha1: String
        let sha256: String
        let code: String?

        var testDescription: String { name }
    }

    struct Bundle: Decodable, CustomTestStringConvertible {
        let file: String
        let expect: String
        let leaf: String?
        let code: String?

        var testDescription: String { file }
    }

    struct Key: Decodable, CustomTestStringConvertible {
        let file: String
        let expect: String
        let matches: String?
        let against: String?
        let code: String?

        var testDescription: String { file }
    }

    let verify_at: String
    let certificates: [Certificate]
    let bundles: [Bundle]
    let keys: [Key]

    var date: Date {
        get throws { try Date(verify_at, strategy: .iso8601) }
    }
}
