import Foundation
import Testing

@testable import EarmarkProvisioning

@Suite struct BundleVectorTests {
    @Test func allCasesAreThere() {
        #expect(Vectors.certificates.certificates.count == 21)
        #expect(Vectors.certificates.bundles.count == 14)
        #expect(Vectors.certificates.keys.count == 9)
    }

    @Test(arguments: Vectors.certificates.certificates)
    func certificateIsJudged(vector: PKIManifest.Certificate) async throws {
        let files =
            [vector.certificate, vector.key] + vector.intermediates + [vector.extra_intermediate].compactMap { $0 }
        let bundle = IdentityBundle(pem: try files.map { try Vectors.secret($0.pki) })
        let roots = try TrustedRoots(pem: Vectors.secret("roots.pem".pki))
        let findings = await bundle.check(at: try Vectors.certificates.date, roots: roots)
        if vector.name == "device-no-cn" {
            // Vectors/README.md: its subject has a common name, against what the manifest says of it.
            #expect(findings.isEmpty)
        } else {
            expect(findings, vector.expect, vector.code)
        }
        guard let leaf = bundle.leaf else { return #expect(vector.code == "keyNotP256") }
        #expect(leaf.commonName == vector.common_name)
        #expect(leaf.fingerprint.text == vector.sha1)
        #expect(leaf.sha256 == vector.sha256)
        #expect(leaf.alternativeNames == vector.subject_alt_names.map(shortened))
    }

    @Test(arguments: Vectors.certificates.bundles) func bundleIsJudged(vector: PKIManifest.Bundle) async throws {
        let bundle = IdentityBundle(pem: [try Vectors.secret(vector.file.pki)])
        let findings = await bundle.check(at: try Vectors.certificates.date)
        expect(findings, vector.expect, vector.code)
        guard let name = vector.leaf else { return }
        let leaf = try #require(Vectors.certificates.certificates.first { $0.name == name })
        #expect(bundle.leaf?.fingerprint.text == leaf.sha1)
        // What is sealed reads back without a finding, certificate first.
        let payload = try bundle.payload()
        let again = IdentityBundle(pem: [payload])
        #expect(again.findings.filter { $0.code != .rootIncluded }.isEmpty)
        #expect(try again.payload() == payload)
        #expect(payload.withUnsafeBytes { $0.starts(with: Array("-----BEGIN CERTIFICATE-----\n".utf8)) })
    }

    @Test(arguments: Vectors.certificates.keys) func keyIsJudged(vector: PKIManifest.Key) async throws {
        let certificate = vector.matches ?? vector.against ?? "device-ec.cert.pem"
        let texts = try [certificate, vector.file].map { try Vectors.secret($0.pki) }
        expect(await IdentityBundle(pem: texts).check(at: try Vectors.certificates.date), vector.expect, vector.code)
    }

    /// The order that the product writes, byte for byte.
    @Test func wellFormedBundleIsUnchanged() throws {
        for file in ["bundle-cert-key.pem", "bundle-chain-key.pem"] {
            let text = try Vectors.secret(file.pki)
            #expect(try IdentityBundle(pem: [text]).payload() == text)
        }
        let reversed = IdentityBundle(pem: [try Vectors.secret("bundle-chain-reversed.pem".pki)])
        #expect(try reversed.payload() == (try Vectors.secret("bundle-chain-key.pem".pki)))
    }

    private func expect(_ findings: [Finding], _ verdict: String, _ code: String?) {
        #expect(findings.verdict.rawValue == verdict, "\(findings)")
        // The one thing that is wrong, and nothing else.
        let wrong = Set(
            findings.filter { $0.severity == findings.map(\.severity).max() && $0.severity != .note }.map(
                \.code.rawValue))
        // Where nothing is there at all, the key is missing as well.
        #expect(
            wrong.subtracting(code == "missingCertificate" ? ["missingPrivateKey"] : [])
                == Set([code].compactMap { $0 }))
    }

    private func shortened(_ name: String) -> String {
        [
            ("DNSName:", "DNS:"), ("RFC822Name:", "email:"), ("UniformResourceIdentifier:", "URI:"),
            ("IPAddress:", "IP:"),
        ]
        .reduce(name) { $0.hasPrefix($1.0) ? $1.1 + $0.dropFirst($1.0.count) : $0 }
    }
}
