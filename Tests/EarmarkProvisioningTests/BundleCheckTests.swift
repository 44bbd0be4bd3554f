import Crypto
import Foundation
import SwiftASN1
import Testing
import X509

@testable import EarmarkProvisioning

@Suite struct BundleCheckTests {
    /// A certificate of an authority made for the test, with its key as one bundle.
    private struct Made {
        let bundle: IdentityBundle
        let roots: TrustedRoots
    }

    private static let start = Date(timeIntervalSince1970: 1_750_000_000)
    private static let end = start.addingTimeInterval(100 * 86_400)

    private func make(
        _ subject: DistinguishedName, names: [GeneralName] = [], isCritical: Bool = false
    ) throws -> Made {
        let authorityKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let authorityName = try DistinguishedName { CommonName("Test authority") }
        let authority = try Certificate(
            version: .v3, serialNumber: .init(1), publicKey: authorityKey.publicKey,
            notValidBefore: Self.start.addingTimeInterval(-86_400), notValidAfter: Self.end.addingTimeInterval(86_400),
            issuer: authorityName, subject: authorityName, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
            }, issuerPrivateKey: authorityKey)
        let key = P256.Signing.PrivateKey()
        let leaf = try Certificate(
            version: .v3, serialNumber: .init(2), publicKey: .init(key.publicKey), notValidBefore: Self.start,
            notValidAfter: Self.end, issuer: authorityName, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                if !names.isEmpty {
                    try Certificate.Extension(SubjectAlternativeNames(names), critical: isCritical)
                }
            }, issuerPrivateKey: authorityKey)
        let text = try leaf.serializeAsPEM().pemString + "\n" + key.pemRepresentation
        return Made(
            bundle: IdentityBundle(pem: [SecretBytes(text.utf8)]),
            roots: try TrustedRoots(pem: SecretBytes(authority.serializeAsPEM().pemString.utf8)))
    }

    private func codes(_ made: Made, at date: Date, days: Int = 30) async -> [ProvisioningError.Code] {
        await made.bundle.check(at: date, roots: made.roots, warningDays: days).map(\.code)
    }

    @Test func validityBeginsAndEndsToTheSecond() async throws {
        let made = try make(try DistinguishedName { CommonName("Room") })
        #expect(await codes(made, at: Self.start.addingTimeInterval(-1)) == [.notYetValid])
        #expect(await codes(made, at: Self.start) == [])
        #expect(await codes(made, at: Self.end, days: 0) == [])
        #expect(await codes(made, at: Self.end.addingTimeInterval(1)) == [.expired])
        let month = 30 * 86_400.0
        #expect(await codes(made, at: Self.end.addingTimeInterval(-month)) == [])
        #expect(await codes(made, at: Self.end.addingTimeInterval(-month + 1)) == [.expiresSoon])
    }

    /// An empty subject makes the alternative names critical; the chain is good all the same.
    @Test func certificateWithoutCommonName() async throws {
        let made = try make(
            DistinguishedName([] as [RelativeDistinguishedName]), names: [.dnsName("room.example.com")],
            isCritical: true)
        #expect(await codes(made, at: Self.start) == [.missingCommonName])
        #expect(made.bundle.leaf?.commonName == nil)
        let blank = try make(try DistinguishedName { CommonName("  ") })
        #expect(await codes(blank, at: Self.start) == [.missingCommonName])
    }

    @Test func namesThatMislead() async throws {
        for name in ["Room\u{202E}1", "Room\n1", "Room\u{200B}1", "\u{1B}[31mRoom"] {
            #expect(
                await codes(try make(try DistinguishedName { CommonName(name) }), at: Self.start) == [
                    .unprintableIdentity
                ])
        }
        let made = try make(try DistinguishedName { CommonName("Room") }, names: [.dnsName("a\u{7}b")])
        #expect(await codes(made, at: Self.start) == [.unprintableIdentity])
        #expect(DisplayText.escaped("a\u{202E}b\u{1B}") == "a\\u{202E}b\\u{1B}")
    }

    @Test func certificatesOfOtherChainsAreLeftOut() async throws {
        let made = try make(try DistinguishedName { CommonName("Room") })
        let other = try Vectors.secret("device-ec.cert.pem".pki)
        let bundle = IdentityBundle(pem: [try made.bundle.payload(), other])
        #expect(bundle.findings.map(\.code) == [.unrelatedCertificate])
        #expect(try bundle.payload() == made.bundle.payload())
    }

    @Test func blocksThatHaveNoPlace() throws {
        let good = try Vectors.secret("bundle-cert-key.pem".pki)
        for (label, code) in [
            ("CERTIFICATE REQUEST", ProvisioningError.Code.unexpectedBlock), ("PUBLIC KEY", .unexpectedBlock),
            ("RSA PRIVATE KEY", .keyNotP256),
        ] {
            let block = "-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n"
            let findings = IdentityBundle(pem: [good, SecretBytes(block.utf8)]).findings
            #expect(findings.map(\.code).contains(code))
            #expect(findings.verdict == .reject)
        }
    }

    @Test func passphraseOfOldFilesIsRecognised() {
        let text = """
            -----BEGIN EC PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-256-CBC,00000000000000000000000000000000

            AAAAAAAAAAAAAAAAAAAAAA==
            -----END EC PRIVATE KEY-----
            """
        let findings = IdentityBundle(pem: [SecretBytes(text.utf8)]).findings
        #expect(findings.first?.code == .encryptedKey)
        #expect(findings.first?.message.contains("openssl pkey") == true)
    }

    @Test(arguments: [
        "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\nAA!A\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAA===\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----", "-----BEGIN -----\nAAAA\n-----END -----",
        "-----BEGIN cert-----\nAAAA\n-----END cert-----", "-----BEGIN A-----\n-----BEGIN A-----\nAAAA\n-----END A-----",
        "no block at all",
    ]) func damagedText(text: String) {
        #expect(IdentityBundle(pem: [SecretBytes(text.utf8)]).findings.map(\.code) == [.badPEM])
    }

    @Test func fingerprints() throws {
        let text = "163224c3da0ba3ec5327892affebabbe00206b90"
        for input in [
            text, text.uppercased(), "16:32:24:c3:da:0b:a3:ec:53:27:89:2a:ff:eb:ab:be:00:20:6b:90", " \(text)\n",
        ] { #expect(try CertificateFingerprint(input).text == text) }
        for input in ["", String(text.dropLast()), text + "0", text.replacing("1", with: "g"), text + text] {
            #expect(throws: ProvisioningError(.badFingerprint, "")) { try CertificateFingerprint(input) }
        }
    }
}
