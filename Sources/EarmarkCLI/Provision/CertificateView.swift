import EarmarkFiles
import EarmarkProvisioning
import EarmarkReport
import EarmarkStore
import Foundation

/// A certificate as JSON.
///
/// Names are escaped where they would steer a terminal.
struct CertificateView: Encodable {
    let commonName: String?
    let alternativeNames: [String]
    let subject: String
    let issuer: String
    let serialNumber: String
    let notBefore: String
    let notAfter: String
    let daysLeft: Int
    let fingerprint: String
    let sha256: String

    init(_ facts: CertificateFacts, at date: Date) {
        commonName = facts.commonName.map(DisplayText.escaped)
        alternativeNames = facts.alternativeNames.map(DisplayText.escaped)
        subject = DisplayText.escaped(facts.subject)
        issuer = DisplayText.escaped(facts.issuer)
        serialNumber = facts.serialNumber
        notBefore = UTCTime.text(Int64(facts.notBefore.timeIntervalSince1970))
        notAfter = UTCTime.text(Int64(facts.notAfter.timeIntervalSince1970))
        daysLeft = facts.daysLeft(at: date)
        fingerprint = facts.fingerprint.text
        sha256 = facts.sha256
    }

    /// The certificate for people.
    var human: String {
        Table.list([
            "common name": commonName,
            "other names": alternativeNames.isEmpty ? nil : alternativeNames.joined(separator: ", "),
            "issuer": issuer, "serial number": serialNumber, "valid from": notBefore,
            "valid to": "\(notAfter) (\(daysLeft) days)", "fingerprint": fingerprint, "SHA-256": sha256,
        ])
    }
}

/// The check of a bundle as JSON.
struct BundleView: Encodable {
    struct Entry: Encodable {
        let code: String
        let severity: String
        let message: String
    }

    let verdict: String
    let findings: [Entry]
    let certificate: CertificateView?
    let issuers: [CertificateView]

    init(_ bundle: IdentityBundle, findings: [Finding], at date: Date) {
        verdict = findings.verdict.rawValue
        let ordered = findings.enumerated().sorted {
            ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
        }
        self.findings = ordered.map(\.element).map {
            Entry(code: $0.code.rawValue, severity: $0.severity.rawValue, message: $0.message)
        }
        certificate = bundle.leaf.map { CertificateView($0, at: date) }
        issuers = bundle.chain.dropFirst().map { CertificateView($0, at: date) }
    }

    /// The check for people.
    var human: String {
        var parts = [Table.list(["verdict": verdict])]
        if let certificate { parts.append(certificate.human) }
        if !findings.isEmpty {
            parts.append(findings.map { "\($0.severity) \($0.code): \($0.message)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}
