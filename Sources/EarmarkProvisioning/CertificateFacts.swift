import Crypto
import EarmarkFiles
public import Foundation
import SwiftASN1
package import X509

/// A certificate, and what people want to know of it.
public struct CertificateFacts: Equatable, Sendable {
    package let certificate: Certificate
    /// The certificate's bytes.
    public let der: [UInt8]
    /// The common name, which is what others in a meeting see first; nil if there is none.
    public let commonName: String?
    /// Subject and issuer as RFC 4514 writes names.
    public let subject: String
    /// Who issued the certificate.
    public let issuer: String
    /// Subject alternative names as `DNS:…`, `email:…`, `URI:…`, `IP:…` or `other:…`.
    public let alternativeNames: [String]
    /// The first second of validity.
    public let notBefore: Date
    /// The last second of validity.
    public let notAfter: Date
    /// The serial number in hexadecimal.
    public let serialNumber: String
    /// The name that devices have for it.
    public let fingerprint: CertificateFingerprint
    /// SHA-256 over the DER, in lower-case hexadecimal.
    public let sha256: String

    /// Reads DER.
    ///
    /// - Throws: `keyNotP256`, `unsupportedKeyForm` or `unsupportedSignature` for kinds that the library does not read,
    ///   `badCertificate` for anything else.
    init(der: [UInt8]) throws(ProvisioningError) {
        do {
            let certificate = try Certificate(derEncoded: der)
            self.certificate = certificate
            let names = try certificate.extensions.subjectAlternativeNames
            alternativeNames = names?.map(CertificateFacts.text) ?? []
        } catch {
            throw CertificateForm.error(der, error)
        }
        self.der = der
        commonName = CertificateFacts.commonName(certificate.subject)
        subject = String(describing: certificate.subject)
        issuer = String(describing: certificate.issuer)
        notBefore = certificate.notValidBefore
        notAfter = certificate.notValidAfter
        serialNumber = Hexadecimal.text(certificate.serialNumber.bytes)
        fingerprint = CertificateFingerprint(certificate: der)
        sha256 = Hexadecimal.text(SHA256.hash(data: der))
    }

    /// The certificates of a PEM text; blocks of other kinds are passed over.
    ///
    /// - Throws: `badPEM`, `badCertificate`, or `keyNotP256` for a key of a kind that the library does not read.
    public static func all(inPEM text: SecretBytes) throws(ProvisioningError) -> [CertificateFacts] {
        var all: [CertificateFacts] = []
        for block in try PEMReader.blocks(text) where block.label == IdentityBundle.certificateLabel {
            all.append(try CertificateFacts(der: block.der))
        }
        return all
    }

    /// Whether the key is on P-256, the one curve that devices take.
    public var isP256: Bool { CertificateFacts.isP256(certificate.publicKey) }

    static func isP256(_ key: Certificate.PublicKey) -> Bool { P256.Signing.PublicKey(key) != nil }

    /// Whether the certificate says that it may sign others.
    public var isAuthority: Bool {
        guard case .isCertificateAuthority? = try? certificate.extensions.basicConstraints else { return false }
        return true
    }

    /// Whether issuer and subject are one, as in roots.
    public var isSelfIssued: Bool { certificate.issuer == certificate.subject }

    /// Whether `other` signed this certificate.
    func isIssued(by other: CertificateFacts) -> Bool {
        certificate.issuer == other.certificate.subject
            && other.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    /// Whether `date` is within its validity, which may be none.
    func isValid(at date: Date) -> Bool { notBefore <= date && date <= notAfter }

    /// Days from `date` until the certificate ends, rounded down; negative once it has ended.
    public func daysLeft(at date: Date) -> Int {
        let secondsPerDay = 86_400.0
        return Int((notAfter.timeIntervalSince(date) / secondsPerDay).rounded(.down))
    }

    private static func commonName(_ name: DistinguishedName) -> String? {
        let names = name.lazy.flatMap { $0 }.filter { $0.type == .RDNAttributeType.commonName }
        return names.compactMap { String($0.value) ?? WideText.text($0) }.first { !$0.allSatisfy(\.isWhitespace) }
    }

    private static func text(_ name: GeneralName) -> String {
        switch name {
        case .dnsName(let name): "DNS:" + name
        case .rfc822Name(let address): "email:" + address
        case .uniformResourceIdentifier(let address): "URI:" + address
        case .ipAddress(let bytes):
            "IP:" + (InternetAddress(bytes: Array(bytes.bytes))?.text ?? Hexadecimal.text(bytes.bytes))
        case .directoryName(let name): "directory:" + String(describing: name)
        default: "other"
        }
    }
}

/// Text of identities as it can be shown without being misread.
public enum DisplayText {
    /// Whether `text` holds characters that steer a terminal or turn the direction of what is shown.
    public static func isUnprintable(_ text: String) -> Bool { text.unicodeScalars.contains(where: isUnsafe) }

    /// `text` with such characters as `\u{…}`.
    public static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { isUnsafe($0) ? "\\u{\(String($0.value, radix: 16, uppercase: true))}" : String($0) }
            .joined()
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
