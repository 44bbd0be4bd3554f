import Crypto
import Testing

@testable import EarmarkProvisioning

@Suite struct SmallAnswerTests {
    @Test func base64URL() throws {
        for vector in Vectors.envelopes.base64url {
            let bytes = try Vectors.bytes(hex: vector.hex)
            #expect(String(decoding: Base64URL.encode(bytes), as: UTF8.self) == vector.b64u)
            #expect(Base64URL.decode(vector.b64u.utf8) == bytes)
            #expect(SecretBytes(bytes).base64URL == SecretBytes(vector.b64u.utf8))
        }
        for refused in Vectors.envelopes.base64url_refused { #expect(Base64URL.decode(refused.text.utf8) == nil) }
    }

    /// Of all texts of up to four characters that decode, each is the one that its bytes encode to.
    @Test func base64URLHasOneTextForEachValue() {
        let characters = Array("AQgwBz9-_=+/ \n".utf8)
        var texts: [[UInt8]] = [[]]
        var layer = texts
        for _ in 0..<4 {
            layer = layer.flatMap { text in characters.map { text + [$0] } }
            texts += layer
        }
        for text in texts {
            guard let bytes = Base64URL.decode(text) else { continue }
            #expect(Base64URL.encode(bytes) == text)
        }
    }

    @Test func scrypt() throws {
        for vector in Vectors.envelopes.scrypt {
            let key = try KeyDerivation.scrypt.derive(
                ClientSecret(SecretBytes(try Vectors.bytes(hex: vector.secret_hex))),
                Vectors.bytes(hex: vector.salt_hex), vector.length)
            #expect(key.withUnsafeBytes { Array($0) } == (try Vectors.bytes(hex: vector.key_hex)))
        }
    }

    @Test func scryptStaysWithinItsMemory() {
        #expect(ScryptParameters.version1.memoryByteCount == 33_556_480)
        // The greatest power of two within 64 MiB, and the next.
        let most = ScryptParameters(rounds: 32_768, blockSize: 15, parallelism: 1)
        #expect(most.memoryByteCount ?? .max <= ScryptParameters.memoryLimit)
        let secret = ClientSecret(SecretBytes("x".utf8))
        for tooMuch in [
            ScryptParameters(rounds: 65_536, blockSize: 8, parallelism: 1),
            ScryptParameters(rounds: .max, blockSize: 8, parallelism: 1),
            ScryptParameters(rounds: 1 << 55, blockSize: 8, parallelism: 1),
        ] {
            let error = #expect(throws: ProvisioningError.self) {
                try KeyDerivation.deriveKey(from: secret, salt: [1, 2, 3, 4], byteCount: 16, parameters: tooMuch)
            }
            #expect(error?.code == .keyDerivationFailed)
        }
    }

    @Test func firstSecretAndItsCommand() {
        for vector in Vectors.envelopes.first_secret {
            let secret = ClientSecret(SecretBytes(vector.secret_utf8.utf8))
            #expect(secret.firstUseText == SecretBytes(vector.b64u.utf8))
            #expect(DeviceCommand.firstUse(secret) == SecretBytes((vector.command + "\n").utf8))
        }
    }

    @Test func commands() throws {
        #expect(Vectors.envelopes.commands.count == 4)
        for vector in Vectors.envelopes.commands {
            let action = try #require(ProvisioningAction(rawValue: vector.action))
            let parameters = vector.rpc.params
            let envelope = try #require(parameters["Secret"] ?? parameters["body"] ?? parameters["Fingerprint"])
            let command = DeviceCommand(envelope: envelope, action: action)
            #expect(command.terminal == vector.terminal)
            #expect(command.method == vector.rpc.method)
            #expect(Dictionary(uniqueKeysWithValues: command.remoteParameters) == parameters)
        }
    }

    @Test func meetingCodes() throws {
        for vector in Vectors.envelopes.meeting_code {
            let hash = try #require(SecurityCode.HashFunction(rawValue: vector.hash))
            let code = try SecurityCode(
                hash: hash, exporterSecret: SecretBytes(try Vectors.bytes(hex: vector.exporter_secret_hex)),
                groupID: Vectors.bytes(hex: vector.group_id_hex), epoch: vector.epoch)
            #expect(code.description == vector.code)
            #expect(code.matches(vector.code.replacing(" ", with: "")))
            #expect(!code.matches(String(vector.code.reversed())))
        }
    }

    @Test(arguments: SecurityCode.HashFunction.allCases)
    func meetingCodeRefusesSecretsOfAnotherLength(hash: SecurityCode.HashFunction) {
        for count in [0, hash.byteCount - 1, hash.byteCount + 1] {
            #expect(throws: ProvisioningError(.badExporterInput, "")) {
                try SecurityCode(
                    hash: hash, exporterSecret: SecretBytes([UInt8](repeating: 1, count: count)), groupID: [], epoch: 0)
            }
        }
    }
}
