import Crypto
import Foundation
import SwiftASN1
import X509

/// A fresh P-256 key and the request (RFC 2986) to certify it.
public struct SigningRequest: Sendable {
    /// A further name that the certificate shall carry.
    public enum AlternativeName: Equatable, Sendable {
        /// A name of the domain name system.
        case dns(String)
        /// A mail address.
        case email(String)
        /// A uniform resource identifier.
        case uri(String)
        /// An address of the internet protocol, version 4 or 6.
        case ip(String)
    }

    /// Reads names as OpenSSL's `subjectAltName` has them, `DNS:…`, `IP:…`, `email:…` or `URI:…`, with spaces or commas
    /// between them.
    ///
    /// - Throws: `badName` for a name of another kind.
    package static func alternativeNames(_ text: String) throws(ProvisioningError) -> [AlternativeName] {
        var names: [AlternativeName] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            let value = String(word.drop { $0 != ":" }.dropFirst())
            switch word.prefix(while: { $0 != ":" }).lowercased() {
            case "dns": names.append(.dns(value))
            case "ip": names.append(.ip(value))
            case "email": names.append(.email(value))
            case "uri": names.append(.uri(value))
            default:
                throw ProvisioningError(
                    .badName, "'\(DisplayText.escaped(String(word)))' does not begin with DNS:, IP:, email: or URI:")
            }
        }
        return names
    }

    /// The request as PEM.
    public let request: String
    /// The private key as PEM, PKCS #8.
    public let key: SecretBytes

    /// Upper bound of common names in RFC 5280, appendix A.1, in characters.
    static let maximumCommonNameLength = 64

    /// Makes a key and requests a certificate for it.
    ///
    /// - Parameters:
    ///   - commonName: what others in a meeting shall see first: 1 to 64 printable characters.
    ///   - alternativeNames: further names.
    /// - Throws: `badName`.
    public init(commonName: String, alternativeNames: [AlternativeName]) throws(ProvisioningError) {
        let privateKey = P256.Signing.PrivateKey()
        request = try SigningRequest.request(
            commonName, alternativeNames, Certificate.PrivateKey(privateKey))
        key = SecretBytes((privateKey.pemRepresentation + "\n").utf8)
    }

    /// Requests a certificate for the key in `pem`, made earlier.
    ///
    /// - Throws: `badName`, or what is wrong with the key.
    package init(
        commonName: String, alternativeNames: [AlternativeName], keyPEM pem: SecretBytes
    ) throws(ProvisioningError) {
        request = try SigningRequest.request(commonName, alternativeNames, try SigningRequest.key(inPEM: pem))
        key = pem
    }

    /// Whether `pem` is a request of these names for the key in `key`.
    package static func isRequest(
        _ pem: SecretBytes, for commonName: String, _ alternativeNames: [AlternativeName], keyPEM key: SecretBytes
    ) -> Bool {
        guard let key = try? SigningRequest.key(inPEM: key),
            let request = try? CertificateSigningRequest(
                pemEncoded: pem.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }),
            let subject = try? DistinguishedName(builder: { CommonName(commonName) })
        else { return false }
        let wanted = try? alternativeNames.map(SigningRequest.generalName)
        let extensions = try? request.attributes.extensionRequest?.extensions
        let names = try? extensions?.subjectAlternativeNames
        return request.publicKey == key.publicKey && request.subject == subject && names.map(Array.init) ?? [] == wanted
    }

    private static func key(inPEM pem: SecretBytes) throws(ProvisioningError) -> Certificate.PrivateKey {
        guard let block = try PEMReader.blocks(pem).first(where: { BundleKey.labels.contains($0.label) }) else {
            throw ProvisioningError(.missingPrivateKey, "the key's file holds no private key")
        }
        return try BundleKey(block).privateKey
    }

    private static func request(
        _ commonName: String, _ alternativeNames: [AlternativeName], _ privateKey: Certificate.PrivateKey
    ) throws(ProvisioningError) -> String {
        try SigningRequest.check(commonName)
        var names: [GeneralName] = []
        for name in alternativeNames { names.append(try SigningRequest.generalName(name)) }
        do {
            let subject = try DistinguishedName { CommonName(commonName) }
            let extensions = try Certificate.Extensions {
                if !names.isEmpty { SubjectAlternativeNames(names) }
            }
            let attributes =
                try names.isEmpty
                ? [] : [CertificateSigningRequest.Attribute(ExtensionRequest(extensions: extensions))]
            let request = try CertificateSigningRequest(
                version: .v1, subject: subject, privateKey: privateKey,
                attributes: CertificateSigningRequest.Attributes(attributes), signatureAlgorithm: .ecdsaWithSHA256)
            return try request.serializeAsPEM().pemString + "\n"
        } catch {
            throw ProvisioningError(.badName, "the request cannot be made from these names")
        }
    }

    private static func check(_ commonName: String) throws(ProvisioningError) {
        guard !commonName.allSatisfy(\.isWhitespace), commonName.unicodeScalars.count <= maximumCommonNameLength else {
            throw ProvisioningError(
                .badName, "a common name has 1 to \(maximumCommonNameLength) characters that are not all blank")
        }
        guard !DisplayText.isUnprintable(commonName) else {
            throw ProvisioningError(
                .badName, "the common name holds characters that control or redirect what is shown")
        }
    }

    private static func generalName(_ name: AlternativeName) throws(ProvisioningError) -> GeneralName {
        switch name {
        case .dns(let text):
            // Letters, digits, hyphens, underscores, dots, and a star for the first label.
            let isHost = text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || Array("-_.*".utf8).contains(byte)
            }
            guard isHost, !text.isEmpty, !text.hasPrefix("."), !text.contains("..") else {
                let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
                throw ProvisioningError(
                    .badName,
                    "'\(DisplayText.escaped(text))' is no DNS name"
                        + (isASCII ? "" : "; letters beyond ASCII are written as xn--... (IDNA)"))
            }
            return .dnsName(text)
        case .email(let text):
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isGraphic(text) else {
                throw ProvisioningError(.badName, "'\(DisplayText.escaped(text))' is no mail address in ASCII")
            }
            return .rfc822Name(text)
        case .uri(let text):
            guard let colon = text.firstIndex(of: ":"), colon > text.startIndex, isGraphic(text) else {
                throw ProvisioningError(.badName, "'\(DisplayText.escaped(text))' is no URI in ASCII")
            }
            return .uniformResourceIdentifier(text)
        case .ip(let text):
            guard let address = InternetAddress(text) else {
                throw ProvisioningError(.badName, "'\(DisplayText.escaped(text))' is no IP address")
            }
            return .ipAddress(ASN1OctetString(contentBytes: address.bytes[...]))
        }
    }

    private static func isGraphic(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
