import Crypto
import Foundation
import Testing
import X509

@testable import EarmarkProvisioning

/// Limits exactly at, just below and just above their edge.
@Suite struct LimitTests {
    private func secret(_ text: String) -> ClientSecret { ClientSecret(SecretBytes(text.utf8)) }

    /// RFC 7914: N blocks of 128 r bytes to fill, p to mix, and one to work in.
    @Test func memoryOfScrypt() {
        func memory(_ rounds: Int, _ size: Int, _ parallelism: Int) -> Int? {
            ScryptParameters(rounds: rounds, blockSize: size, parallelism: parallelism).memoryByteCount
        }
        #expect(memory(16_384, 8, 1) == 128 * 8 * (16_384 + 1 + 1))
        #expect(memory(1_024, 8, 16) == 128 * 8 * (1_024 + 16 + 1))
        #expect(memory(.max, 1, 1) == nil)
        #expect(memory(.max - 2, 8, 1) == nil)
    }

    /// 64 MiB are within the limit, a block's unit more is not.
    @Test func memoryLimitIsExact() throws {
        let most = ScryptParameters(rounds: 2, blockSize: 1 << 16, parallelism: 5)
        #expect(most.memoryByteCount == 64 << 20)
        let key = try KeyDerivation.deriveKey(from: secret("x"), salt: [1, 2, 3, 4], byteCount: 16, parameters: most)
        #expect(key.bitCount == 128)
        let more = ScryptParameters(rounds: 2, blockSize: 1 << 16 + 1, parallelism: 5)
        #expect(more.memoryByteCount == 64 << 20 + 1_024)
        #expect(throws: ProvisioningError(.keyDerivationFailed, "")) {
            try KeyDerivation.deriveKey(from: secret("x"), salt: [1, 2, 3, 4], byteCount: 16, parameters: more)
        }
    }

    /// A header is refused for its length before it is decoded and after.
    @Test func lengthsOfBase64URL() {
        for count in 0..<9 {
            let text = Base64URL.encode([UInt8](repeating: 0xFB, count: count))
            #expect(text.count == (count * 8 + 5) / 6)
            #expect(Base64URL.textByteCount(count) == text.count)
            #expect(Base64URL.decodedByteCount(text.count) == count)
        }
    }

    @Test func estimatesOfSecrets() {
        // Length times the bits of the kinds of characters.
        for (text, alphabet) in [
            ("abcdefghij", 26.0), ("ABCDEFGHIJ", 26), ("0123456789", 10), (" !\"#$%&'()", 33), ("aB3-eF7.iJ", 95),
            ("aBcDeFgHiJ", 52), ("az09az09qy", 36),
        ] {
            let bits = 10 * log2(alphabet)
            let most = Double(Set(text).count) * 8
            #expect(abs(secret(text).estimatedBits - min(bits, most)) < 1e-9, "\(text)")
        }
        // Eight bits for each different byte, and no more, in each quarter of the bytes.
        for byte in [UInt8(0x21), 0x41, 0x81, 0xC1] {
            let bytes = (0..<400).map { byte + UInt8($0 % 7) }
            #expect(ClientSecret(SecretBytes(bytes)).estimatedBits == 56, "\(byte)")
        }
        #expect(ClientSecret(SecretBytes(0...255)).estimatedBits > 1_900)
        #expect(secret("").estimatedBits == 0)
        // The edges of each kind.
        for (inside, outside) in [("a", "`"), ("z", "{"), ("A", "@"), ("Z", "["), ("0", "/"), ("9", ":")] {
            #expect(secret(inside).estimatedBits < 4.8)
            #expect(abs(secret(outside).estimatedBits - log2(33)) < 1e-9)
        }
        #expect(ClientSecret(SecretBytes([0x7F])).estimatedBits == log2(33))
        #expect(ClientSecret(SecretBytes([0x80])).estimatedBits == 7)
    }

    /// RFC 9000, section 16: lengths up to 63 take one byte, longer ones two, up to 16,383.
    @Test func groupIdentifiersOfTheSecurityCode() throws {
        func code(_ count: Int, epoch: UInt64 = 1) throws -> String {
            try SecurityCode(
                hash: .sha256, exporterSecret: SecretBytes([UInt8](repeating: 3, count: 32)),
                groupID: [UInt8](repeating: 9, count: count), epoch: epoch
            ).description
        }
        for count in [0, 1, 63, 64, 16_383] {
            #expect(try code(count) == reference([UInt8](repeating: 9, count: count)))
        }
        #expect(throws: ProvisioningError(.badExporterInput, "")) { try code(16_384) }
        #expect(try code(1, epoch: 1) != code(1, epoch: 1 << 56))
    }

    /// The code once more, in the words of docs/provisioning.md and RFC 9420, section 8.5, for epoch 1.
    private func reference(_ group: [UInt8]) -> String {
        func vector(_ bytes: [UInt8]) -> [UInt8] {
            let count = bytes.count
            return (count < 64 ? [UInt8(count)] : [UInt8(0x40 + count / 256), UInt8(count % 256)]) + bytes
        }
        func expand(_ key: SymmetricKey, _ label: String, _ context: [UInt8], _ count: Int) -> SymmetricKey {
            let info = [0, UInt8(count)] + vector(Array("MLS 1.0 \(label)".utf8)) + vector(context)
            return HKDF<SHA256>.expand(pseudoRandomKey: key, info: info, outputByteCount: count)
        }
        let exporter = SymmetricKey(data: [UInt8](repeating: 3, count: 32))
        let context = Array(SHA256.hash(data: vector(group) + [0, 0, 0, 0, 0, 0, 0, 1]))
        let key = expand(expand(exporter, "meeting code v1", [], 32), "exported", context, 30)
        let bytes = key.withUnsafeBytes { Array($0) }
        return stride(from: 0, to: 30, by: 5).map { start in
            let value = bytes[start..<start + 5].reduce(0) { $0 * 256 + Int($1) } % 100_000
            return String(String(value + 100_000).dropFirst())
        }.joined(separator: " ")
    }

    /// RFC 1035, section 2.3.4: labels of 63 characters, names of 253.
    @Test func lengthsOfDomains() throws {
        let label = String(repeating: "a", count: 63)
        _ = try DeviceCommand.preferredDomain("\(label).\(label)")
        let name = [label, label, label, String(repeating: "a", count: 61)].joined(separator: ".")
        #expect(name.count == 253)
        _ = try DeviceCommand.preferredDomain(name)
        _ = try DeviceCommand.preferredDomain("a-1.example")
        for bad in ["\(label)a.example", name + "a"] {
            #expect(throws: ProvisioningError(.badName, "")) { try DeviceCommand.preferredDomain(bad) }
        }
    }

    /// RFC 5280: 20 bytes are a SHA-1; a SHA-256 is pointed out.
    @Test func fingerprintsOfOtherHashes() {
        for (count, isHinted) in [(19, false), (21, false), (32, true), (31, false)] {
            let error = #expect(throws: ProvisioningError.self) {
                try CertificateFingerprint(String(repeating: "ab", count: count))
            }
            #expect(error?.message.contains("SHA-256") == isHinted)
        }
    }

    @Test func internetAddresses() {
        for (text, bytes) in [
            ("192.0.2.7", [192, 0, 2, 7]),
            ("2001:db8::7", [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [7]),
        ] as [(String, [UInt8])] {
            #expect(InternetAddress(text)?.bytes == bytes)
            #expect(InternetAddress(bytes: bytes)?.text == text)
        }
        for count in [0, 3, 5, 15, 17] { #expect(InternetAddress(bytes: [UInt8](repeating: 1, count: count)) == nil) }
        for text in ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "1:2"] { #expect(InternetAddress(text) == nil) }
    }

    @Test func wipedMemoryIsZero() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xAA)
        SecretBytes.wipe(memory)
        #expect(memory.allSatisfy { $0 == 0 })
        var bytes: [UInt8] = [1, 2, 3]
        SecretBytes.wipe(&bytes)
        #expect(bytes.isEmpty)
        var data = Data([1, 2, 3])
        SecretBytes.wipe(&data)
        #expect(data.isEmpty)
        #expect(SecretBytes([1, 2, 3, 4]).slice(1..<3) == SecretBytes([2, 3]))
    }
}
