import Foundation
import Testing

@testable import EarmarkProvisioning

@Suite struct SecretTests {
    private func secret(_ text: String) -> ClientSecret { ClientSecret(SecretBytes(text.utf8)) }

    @Test func secretsShowNothingOfThemselves() {
        let secret = secret("do not show this")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", "\(secret.bytes)", String(reflecting: secret.bytes), dumped] {
            #expect(!text.contains("do not"))
            #expect(!text.contains("\(Array("do not".utf8)[0]), "))
        }
    }

    @Test func generatedSecretsAreGoodAndDiffer() {
        let secrets = (0..<100).map { _ in ClientSecret.generate() }
        for secret in secrets {
            #expect(secret.bytes.count == 32)
            #expect(secret.advice.isEmpty)
            #expect(secret.bytes.withUnsafeBytes { Base64URL.isValid($0) })
        }
        #expect(Set(secrets.map { $0.bytes.withUnsafeBytes { Array($0) } }).count == secrets.count)
    }

    @Test func adviceOnSecrets() {
        #expect(secret("k3J9sQwX2pL").advice == [.short])
        #expect(secret("k3J9sQwX2pLr").advice == [])
        #expect(secret("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").advice == [.guessable])
        #expect(secret("123456789012345678").advice == [.guessable])
        #expect(secret("k3J9sQwX2pLr\n").advice == [.endsWithNewline])
        #expect(secret("k3J9sQwX2pL\u{E9}").advice == [])
        #expect(secret("k3J9sQwX2pLe\u{301}").advice == [.notNormalized])
        #expect(secret("").advice.contains(.short))
        // Bytes that are no text have no accents.
        #expect(ClientSecret(SecretBytes(Array("k3J9sQwX2pLr".utf8) + [0xFF])).advice == [])
    }

    @Test func oneLineBreakIsDropped() {
        for (text, expected) in [
            ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a\r", "a\r"), ("a", "a"), ("\n", ""), ("\r\n", ""),
            ("", ""),
            ("a ", "a "),
        ] { #expect(secret(text).withoutFinalNewline == secret(expected)) }
    }

    @Test func comparisonLooksAtEveryByte() {
        let bytes = SecretBytes(0..<200)
        #expect(bytes == SecretBytes(0..<200))
        #expect(bytes != SecretBytes(0..<199))
        for index in 0..<200 {
            var other = Array(UInt8(0)..<200)
            other[index] ^= 0x80
            #expect(bytes != SecretBytes(other))
        }
    }
}
