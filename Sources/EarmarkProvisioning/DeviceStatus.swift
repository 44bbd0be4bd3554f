import Crypto
import CryptoExtras
public import Foundation
import SwiftASN1
import X509

extension DeviceSimulator {
    /// What `Services Show` prints: a row for each field of each stored certificate, those who issued them at the end.
    public func servicesShow() -> String {
        var lines = ["*r ServicesShowResult (status=OK):"]
        var shown = stored.map(\.leaf)
        for issuer in stored.flatMap(\.issuers) where !shown.contains(issuer) { shown.append(issuer) }
        for (index, facts) in shown.enumerated() {
            let usedFor = purposes(facts.fingerprint).map(\.rawValue).joined(separator: ",")
            let fields: [(String, String)] = [
                ("Fingerprint", facts.fingerprint.text), ("HashingAlgorithm", "sha1"),
                ("IssuerName", OneLineName.text(facts.certificate.issuer)),
                ("PublicKeySize", String(facts.keyBitCount)), ("SerialNumber", facts.serialNumber.uppercased()),
                ("SignatureAlgorithm", facts.signatureName),
                ("SubjectName", OneLineName.text(facts.certificate.subject)), ("UsedFor", usedFor),
                ("Version", "3"), ("notAfter", DeviceTime.text(facts.notAfter)),
                ("notBefore", DeviceTime.text(facts.notBefore)),
            ]
            for (name, value) in fields {
                lines.append("*r ServicesShowResult Details \(index + 1) \(name): \"\(DisplayText.escaped(value))\"")
            }
        }
        return (lines + ["** end", ""]).joined(separator: "\n")
    }

    /// What `xStatus Conference EndToEndEncryption` prints: the documented names.
    ///
    /// The values are choices, for their sets are not documented.
    public func status(at date: Date) -> String { status(at: date, below: []) }

    /// The same, of it only what lies below a path of words in small letters.
    func status(at date: Date, below path: [String]) -> String {
        let prefix = "Conference EndToEndEncryption"
        let rows = statusRows(at: date).map { ("\(prefix) \($0.name)", $0.value) }
            .filter { row in
                row.0.lowercased().split(separator: " ").map(String.init).starts(with: DeviceSimulator.words(path))
            }
        return (rows.map { "*s \($0.0): \($0.1)" } + ["** end", ""]).joined(separator: "\n")
    }

    /// `certificate[1]` is the same as `certificate 1`.
    private static func words(_ path: [String]) -> [String] {
        path.flatMap { $0.split { $0 == "[" || $0 == "]" }.map(String.init) }
    }

    private func statusRows(at date: Date) -> [(name: String, value: String)] {
        var rows = [("Availability", "Available")]
        guard let entry = stored.first(where: { $0.leaf.fingerprint == active }) else {
            rows += [
                ("ExternalIdentity Identity", "\"\""), ("ExternalIdentity Status", "\"None\""),
                ("ExternalIdentity Verification", "Off"),
            ]
            return rows
        }
        for (index, facts) in ([entry.leaf] + entry.issuers).enumerated() {
            let isValid = facts.isValid(at: date)
            let name = DisplayText.escaped(facts.commonName ?? "")
            let fields = [
                ("Fingerprint", "\"\(facts.fingerprint)\""), ("NotAfter", "\"\(DeviceTime.text(facts.notAfter))\""),
                ("NotBefore", "\"\(DeviceTime.text(facts.notBefore))\""), ("PrimaryName", "\"\(name)\""),
                ("PublicKeyAlgorithm", "\"\(facts.keyName)\""),
                ("SerialNumber", "\"\(facts.serialNumber.uppercased())\""),
                ("SignatureAlgorithm", "\"\(facts.signatureName)\""), ("Subject 1 Name", "\"\(name)\""),
                ("Validity", isValid ? "Valid" : "Expired"),
            ]
            rows += fields.map { ("ExternalIdentity CertificateChain Certificate \(index + 1) \($0.0)", $0.1) }
        }
        let leaf = entry.leaf
        let isValid = leaf.isValid(at: date)
        rows += [
            ("ExternalIdentity Identity", "\"\(DisplayText.escaped(leaf.commonName ?? ""))\""),
            ("ExternalIdentity Status", isValid ? "\"Valid\"" : "\"Error\""), ("ExternalIdentity Verification", "On"),
        ]
        return rows
    }
}

/// A name as OpenSSL writes it in one line, `/O=…/CN=…`.
private enum OneLineName {
    private static let shortNames: [ASN1ObjectIdentifier: String] = [
        .RDNAttributeType.commonName: "CN", .RDNAttributeType.countryName: "C",
        .RDNAttributeType.localityName: "L", .RDNAttributeType.organizationName: "O",
        .RDNAttributeType.organizationalUnitName: "OU", .RDNAttributeType.stateOrProvinceName: "ST",
        .RDNAttributeType.streetAddress: "street",
    ]

    static func text(_ name: DistinguishedName) -> String {
        name.flatMap { $0 }
            .map { "/\(shortNames[$0.type] ?? String(describing: $0.type))=\(String($0.value) ?? "")" }
            .joined()
    }
}

extension CertificateFacts {
    fileprivate var signatureName: String {
        switch certificate.signatureAlgorithm {
        case .ecdsaWithSHA256: "ecdsa-with-SHA256"
        case .ecdsaWithSHA384: "ecdsa-with-SHA384"
        case .ecdsaWithSHA512: "ecdsa-with-SHA512"
        case .sha1WithRSAEncryption: "sha1WithRSAEncryption"
        case .sha256WithRSAEncryption: "sha256WithRSAEncryption"
        case .sha384WithRSAEncryption: "sha384WithRSAEncryption"
        case .sha512WithRSAEncryption: "sha512WithRSAEncryption"
        default: "ED25519"
        }
    }

    fileprivate var keyName: String {
        if P256.Signing.PublicKey(certificate.publicKey) != nil { return "id-ecPublicKey" }
        return _RSA.Signing.PublicKey(certificate.publicKey) == nil ? "id-ecPublicKey" : "rsaEncryption"
    }

    /// Length of the key, in bits.
    fileprivate var keyBitCount: Int {
        if P256.Signing.PublicKey(certificate.publicKey) != nil { return 256 }
        if P384.Signing.PublicKey(certificate.publicKey) != nil { return 384 }
        if P521.Signing.PublicKey(certificate.publicKey) != nil { return 521 }
        return _RSA.Signing.PublicKey(certificate.publicKey)?.keySizeInBits ?? 256
    }
}
