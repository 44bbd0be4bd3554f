import Foundation
import Testing

@testable import EarmarkProvisioning

@Suite struct EnvelopeVectorTests {
    /// Nothing may be dropped from the file unnoticed.
    @Test func allCasesAreThere() {
        let vectors = Vectors.envelopes
        #expect(vectors.accept.count == 32)
        #expect(vectors.refuse.count == 86)
        #expect(vectors.refuse_payload.count == 7)
        #expect(vectors.meeting_code.count == 5)
    }

    @Test(arguments: Vectors.envelopes.accept) func opens(vector: EnvelopeVectors.Accepted) throws {
        let secret = ClientSecret(SecretBytes(try Vectors.bytes(hex: vector.secret_hex)))
        let action = try #require(ProvisioningAction(rawValue: vector.action))
        let payload = try payload(vector)
        #expect(payload.count == vector.payload_bytes)
        #expect(try Envelope.open(vector.blob, secret: secret) == payload)
        #expect(try Envelope.open(vector.blob, secret: secret, expecting: action) == payload)
        let facts = try Envelope.inspect(vector.blob)
        #expect(facts.action == action)
        #expect(facts.cipher.rawValue == vector.enc)
        #expect(facts.salt == (try Vectors.bytes(hex: vector.salt_hex)))
        #expect(facts.payloadByteCount == vector.payload_bytes)
        #expect(facts.header == vector.header_json)
    }

    @Test(arguments: Vectors.envelopes.accept.filter(\.seal_reproduces_blob))
    func sealingGivesTheSameBytes(vector: EnvelopeVectors.Accepted) throws {
        let text = try Envelope.seal(
            action: try #require(ProvisioningAction(rawValue: vector.action)), payload: payload(vector),
            secret: ClientSecret(SecretBytes(try Vectors.bytes(hex: vector.secret_hex))),
            cipher: try #require(ContentCipher(rawValue: vector.enc)), salt: Vectors.bytes(hex: vector.salt_hex),
            iv: Vectors.bytes(hex: vector.iv_hex), derivation: .scrypt)
        #expect(text == vector.blob)
    }

    @Test(arguments: Vectors.envelopes.refuse) func refuses(vector: EnvelopeVectors.Refusal) throws {
        let secret = ClientSecret(SecretBytes(try Vectors.bytes(hex: vector.secret_hex)))
        let expected = vector.expected_action.flatMap(ProvisioningAction.init)
        let code = try #require(ProvisioningError.Code(rawValue: vector.error))
        let error = #expect(throws: ProvisioningError.self) {
            try Envelope.open(vector.blob, secret: secret, expecting: expected)
        }
        #expect(error?.code == code)
    }

    @Test(arguments: Vectors.envelopes.refuse_payload)
    func opensWhatTheActionDoesNotMean(vector: EnvelopeVectors.RefusedPayload) throws {
        let secret = ClientSecret(SecretBytes(vector.secret_utf8.utf8))
        let action = try #require(ProvisioningAction(rawValue: vector.action))
        let payload = try Envelope.open(vector.blob, secret: secret, expecting: action)
        #expect(payload == SecretBytes(vector.payload_utf8.utf8))
        let error = #expect(throws: ProvisioningError.self) { try Payload(payload, of: action) }
        #expect(error?.code.rawValue == vector.error)
    }

    /// The order in which errors are looked for is the order in which the codes are declared.
    @Test func codesStandInTheSpecifiedOrder() {
        let specified = Vectors.envelopes.errors_in_order
        #expect(ProvisioningError.Code.allCases.map(\.rawValue).filter(specified.contains) == specified)
    }

    private func payload(_ vector: EnvelopeVectors.Accepted) throws -> SecretBytes {
        if let hex = vector.payload_hex { return SecretBytes(try Vectors.bytes(hex: hex)) }
        if let file = vector.payload_file { return try Vectors.secret((file as NSString).lastPathComponent.pki) }
        if let certificate = vector.certificate {
            let text = try Vectors.secret((certificate as NSString).lastPathComponent.pki)
            return try #require(try CertificateFacts.all(inPEM: text).first).fingerprint.payload
        }
        try #require(vector.payload_rule == "byte i is 7*i mod 251")
        return SecretBytes((0..<vector.payload_bytes).map { UInt8(7 * $0 % 251) })
    }
}

extension String {
    /// The file of this name among the test certificates.
    var pki: String { "pki/" + self }
}
