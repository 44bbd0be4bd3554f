import Foundation
import SwiftASN1
import Testing
import X509

@testable import EarmarkProvisioning

/// docs/provisioning.md, "Certificates": "What is sealed is written anew: certificate, issuers, key".
@Suite struct ChainTests {
    private let root: Issued
    private let middle: Issued
    private let low: Issued
    private let leaf: Issued

    init() throws {
        root = try Issued("Root", isAuthority: true)
        middle = try Issued("Middle", by: root, isAuthority: true)
        low = try Issued("Low", by: middle, isAuthority: true)
        leaf = try Issued("Room", by: low)
    }

    private func names(_ facts: [CertificateFacts]) -> [String?] { facts.map(\.commonName) }

    private func codes(_ bundle: IdentityBundle, _ date: Date = Issued.start) async throws -> [ProvisioningError.Code] {
        await bundle.check(at: date, roots: try Issued.roots(root), warningDays: 0).map(\.code)
    }

    /// Two authorities may have one name, as when one got a new key: who signed is the issuer.
    @Test func issuerIsWhoSignedAndNotWhoHasTheName() async throws {
        let namesake = try Issued("Low", by: middle, isAuthority: true)
        for order in [[leaf, namesake, low, middle], [leaf, middle, low, namesake], [namesake, low, middle, leaf]] {
            let bundle = try Issued.bundle(order, key: leaf)
            #expect(bundle.chain.map(\.certificate) == [leaf, low, middle].map(\.certificate))
            #expect(bundle.others.map(\.certificate) == [namesake.certificate])
            #expect(try await codes(bundle) == [.unrelatedCertificate])
        }
        let without = try Issued.bundle([leaf, namesake, middle], key: leaf)
        #expect(without.chain.map(\.certificate) == [leaf.certificate])
        #expect(try await codes(without) == [.unrelatedCertificate, .untrustedIssuer])
    }

    @Test func issuersFollowEachOtherWhateverTheOrder() async throws {
        let all = [leaf, low, middle]
        var payloads: [SecretBytes] = []
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let bundle = try Issued.bundle(order.map { all[$0] }, key: leaf)
            #expect(names(bundle.chain) == ["Room", "Low", "Middle"])
            #expect(try await codes(bundle).isEmpty)
            payloads.append(try bundle.payload())
        }
        #expect(payloads.allSatisfy { $0 == payloads[0] })
        let expected = try all.map { try $0.pem }.joined() + leaf.keyPEM
        #expect(payloads[0] == SecretBytes(expected.utf8))
        // Twice the same is once.
        #expect(try Issued.bundle(all + all, key: leaf).payload() == payloads[0])
    }

    /// Authorities that vouch for one another in circles make more ways than can be tried, so few are; a chain among
    /// thousands of them ends, too.
    @Test func circlesOfAuthoritiesAreCutShort() async throws {
        let keys = try (0..<6).map { _ in try Issued("Circle", isAuthority: true) }
        var all: [Issued] = []
        for key in keys {
            for issuer in keys where issuer.certificate != key.certificate {
                all.append(try Issued("Circle", by: issuer, key: key.key, isAuthority: true))
            }
        }
        let leaf = try Issued("Room", by: keys[0])
        let bundle = try Issued.bundle([leaf] + all, key: leaf)
        #expect(bundle.issuers(of: try #require(bundle.leaf)).count == IdentityBundle.maximumIssuerCount)
        let roots = try Issued.roots(root)
        #expect(await bundle.check(at: Issued.start, roots: roots).contains { $0.code == .untrustedIssuer })
        var line = [try Issued("0", isAuthority: true)]
        for number in 1...20 { line.append(try Issued("\(number)", by: line[number - 1], isAuthority: true)) }
        let end = try Issued("Room", by: line[20])
        #expect(try Issued.bundle(line + [end], key: end).chain.count == IdentityBundle.maximumChainLength)
    }

    /// A renewed certificate with the old key: the one that lasts longer is sealed.
    @Test func renewedCertificateIsTheDevices() throws {
        let renewed = try Issued("Room", by: low, key: leaf.key, to: Issued.end.addingTimeInterval(1))
        for order in [[leaf, renewed, low], [low, renewed, leaf]] {
            let bundle = try Issued.bundle(order, key: leaf)
            #expect(bundle.leaf?.certificate == renewed.certificate)
            #expect(names(bundle.chain) == ["Room", "Low"])
            #expect(bundle.findings.map(\.code) == [.unrelatedCertificate])
        }
        // With a new key, the key decides.
        let another = try Issued("Room", by: low, to: Issued.end.addingTimeInterval(1))
        #expect(try Issued.bundle([another, leaf, low], key: leaf).leaf?.certificate == leaf.certificate)
        #expect(try Issued.bundle([leaf, another, low], key: another).leaf?.certificate == another.certificate)
    }

    @Test func rootsInTheBundleAreNamed() async throws {
        let whole = try Issued.bundle([leaf, low, middle, root], key: leaf)
        #expect(names(whole.chain) == ["Room", "Low", "Middle", "Root"])
        #expect(try await codes(whole) == [.rootIncluded])
        let other = try Issued.bundle([leaf, low, middle, try Issued("Other", isAuthority: true)], key: leaf)
        #expect(names(other.chain) == ["Room", "Low", "Middle"])
        #expect(try await codes(other) == [.rootIncluded])
        // A device's own certificate is no root in the bundle, but nobody trusts it.
        let own = try Issued("Room")
        #expect(try await codes(try Issued.bundle([own], key: own)) == [.untrustedIssuer])
        // A chain that misses its middle leads nowhere.
        #expect(try await codes(try Issued.bundle([leaf, low], key: leaf)) == [.untrustedIssuer])
    }

    @Test func anyOfSeveralRootsWillDo() async throws {
        let bundle = try Issued.bundle([leaf, low, middle], key: leaf)
        let other = try Issued("Other", isAuthority: true)
        for roots in [try Issued.roots(other, root), try Issued.roots(root, other)] {
            #expect(roots.certificates.count == 2)
            #expect(await bundle.check(at: Issued.start, roots: roots).isEmpty)
        }
        #expect(await bundle.check(at: Issued.start, roots: try Issued.roots(other)).map(\.code) == [.untrustedIssuer])
        #expect(throws: ProvisioningError(.missingCertificate, "")) {
            try TrustedRoots(pem: SecretBytes(leaf.keyPEM.utf8))
        }
    }

    /// A certificate out of its time is called so; its chain is not blamed for it.
    @Test func datesAreNoFaultOfTheChain() async throws {
        let day = 86_400.0
        let lasting = try Issued(
            "Root", isAuthority: true, from: Issued.start - 9 * day, to: Issued.end + 9 * day)
        let device = try Issued("Room", by: lasting)
        let bundle = try Issued.bundle([device], key: device)
        let roots = try Issued.roots(lasting)
        for (date, code) in [
            (Issued.start - 1, ProvisioningError.Code.notYetValid), (Issued.end + 1, .expired),
            (Issued.start - 20 * day, .notYetValid), (Issued.end + 20 * day, .expired),
        ] { #expect(await bundle.check(at: date, roots: roots).map(\.code) == [code]) }
        // An issuer that has ended before the device's certificate is.
        let ended = try Issued("Root", isAuthority: true, to: Issued.end - day)
        let late = try Issued("Room", by: ended)
        let codes = try await Issued.bundle([late], key: late).check(
            at: Issued.end - day / 2, roots: try Issued.roots(ended), warningDays: 0)
        #expect(codes.map(\.code) == [.untrustedIssuer])
    }

    /// RFC 5280, section 4.2: what is critical and unknown is refused, what is not critical is passed over.
    @Test func criticalExtensions() async throws {
        let unknown: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 55555, 1]
        let key = try Certificate.Extension(KeyUsage(digitalSignature: true), critical: true)
        let purpose = try Certificate.Extension(try ExtendedKeyUsage([.clientAuth]), critical: true)
        let basic = try Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: true)
        let name = try Certificate.Extension(SubjectAlternativeNames([.dnsName("room.example.com")]), critical: true)
        func codes(_ extensions: [Certificate.Extension]) async throws -> [ProvisioningError.Code] {
            let device = try Issued("Room", by: root, extensions: extensions)
            return try await self.codes(try Issued.bundle([device], key: device))
        }
        for known in [key, purpose, basic, name] { #expect(try await codes([known]).isEmpty) }
        #expect(try await codes([key, purpose, basic, name]).isEmpty)
        let other = { Certificate.Extension(oid: unknown, critical: $0, value: [5, 0]) }
        #expect(try await codes([other(false)]).isEmpty)
        #expect(try await codes([basic, other(true)]) == [.unhandledCriticalExtension])
    }

    /// RFC 5280, section 4.2.1.9: a device's certificate signs no others, and one of a device signs none that counts.
    @Test func authorities() async throws {
        let authority = try Issued("Room", by: root, isAuthority: true)
        #expect(try await codes(try Issued.bundle([authority], key: authority)) == [.leafIsCA])
        let plain = try Issued("Plain", by: root)
        let below = try Issued("Room", by: plain)
        #expect(try await codes(try Issued.bundle([below, plain], key: below)) == [.untrustedIssuer])
    }
}
