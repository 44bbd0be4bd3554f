import SwiftASN1
import Testing
import X509

@testable import EarmarkProvisioning

@Suite struct SigningRequestTests {
    @Test func requestCarriesItsNamesAndKey() throws {
        let made = try SigningRequest(
            commonName: "Besprechungsraum Größe 1",
            alternativeNames: [
                .dns("room.example.com"), .email("room@example.com"), .uri("https://example.com/1"), .ip("192.0.2.7"),
                .ip("2001:db8::7"),
            ])
        let request = try CertificateSigningRequest(pemEncoded: made.request)
        #expect(request.publicKey.isValidSignature(request.signature, for: request))
        #expect(String(describing: request.subject) == "CN=Besprechungsraum Größe 1")
        let extensions = try #require(request.attributes.first { $0.oid == .CSRAttributes.extensionRequest })
        let names = try ExtensionRequest(extensions).extensions.subjectAlternativeNames
        #expect(names?.count == 5)
        let key = try made.key.withUnsafeBytes {
            try Certificate.PrivateKey(pemEncoded: String(decoding: $0, as: UTF8.self))
        }
        #expect(key.publicKey == request.publicKey)
        #expect(CertificateFacts.isP256(request.publicKey))
    }

    @Test func lengthOfTheCommonName() throws {
        _ = try SigningRequest(commonName: String(repeating: "ä", count: 64), alternativeNames: [])
        for name in ["", " ", String(repeating: "x", count: 65), "a\nb", "a\u{202E}b"] {
            #expect(throws: ProvisioningError(.badName, "")) {
                try SigningRequest(commonName: name, alternativeNames: [])
            }
        }
    }

    @Test(arguments: [
        SigningRequest.AlternativeName.dns(""), .dns("a b"), .dns(".a"), .dns("a..b"), .dns("é.example"), .email("a"),
        .email("@b"), .email("a@b@c"), .email("ä@b.c"), .uri("a"), .uri(":a"), .uri("a: b"), .ip("1.2.3"), .ip("::g"),
        .ip(""),
    ]) func badNames(name: SigningRequest.AlternativeName) {
        #expect(throws: ProvisioningError(.badName, "")) {
            try SigningRequest(commonName: "Room", alternativeNames: [name])
        }
    }

    @Test func preferredDomains() throws {
        #expect(
            try DeviceCommand.preferredDomain("rooms.example.com")
                == "xConfiguration Conference EndToEndEncryption Identity PreferredDomain: \"rooms.example.com\"\n")
        for domain in [
            "", "example", "a..b", "-a.b", "a-.b", "a b.c", "a.b\"", "ä.b", String(repeating: "a", count: 64) + ".b",
        ] {
            #expect(throws: ProvisioningError(.badName, "")) { try DeviceCommand.preferredDomain(domain) }
        }
    }
}
