import Crypto
import EarmarkProvisioning
import Foundation
import SwiftASN1
import X509

/// A certificate made for a test, with the key that it certifies.
struct Issued {
    static let start = Date(timeIntervalSince1970: 1_750_000_000)
    static let end = start.addingTimeInterval(100 * 86_400)

    let certificate: Certificate
    let key: P256.Signing.PrivateKey

    var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }
    var keyPEM: String { key.pemRepresentation + "\n" }

    /// Certifies `name`, by itself or by `issuer`.
    init(
        _ name: String, by issuer: Issued? = nil, key: P256.Signing.PrivateKey = .init(), isAuthority: Bool = false,
        from start: Date = start, to end: Date = end, extensions: [Certificate.Extension] = []
    ) throws {
        let subject = try DistinguishedName { CommonName(name) }
        let basic = try Certificate.Extensions { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) }
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: start, notValidAfter: end, issuer: issuer?.certificate.subject ?? subject, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions((isAuthority ? Array(basic) : []) + extensions),
            issuerPrivateKey: Certificate.PrivateKey(issuer?.key ?? key))
        self.key = key
    }

    /// A bundle of certificates and the key of the first of them.
    static func bundle(_ certificates: [Issued], key: Issued) throws -> IdentityBundle {
        IdentityBundle(pem: [SecretBytes((try certificates.map { try $0.pem }.joined() + key.keyPEM).utf8)])
    }

    static func roots(_ certificates: Issued...) throws -> TrustedRoots {
        try TrustedRoots(pem: SecretBytes(try certificates.map { try $0.pem }.joined().utf8))
    }
}
