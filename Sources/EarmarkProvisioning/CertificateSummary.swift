import EarmarkFiles
package import Foundation

/// A certificate as JSON.
///
/// Names are escaped where they would steer a terminal; times are ISO 8601 in UTC.
package struct CertificateSummary: Encodable, Equatable, Sendable {
    /// The common name; nil if there is none.
    package let commonName: String?
    /// Subject alternative names, each with its kind.
    package let alternativeNames: [String]
    /// Subject as RFC 4514 writes names.
    package let subject: String
    /// Issuer as RFC 4514 writes names.
    package let issuer: String
    /// The serial number in hexadecimal.
    package let serialNumber: String
    /// The first second of validity.
    package let notBefore: String
    /// The last second of validity.
    package let notAfter: String
    /// Days until it ends, rounded down; negative once it has ended.
    package let daysLeft: Int
    /// The name that devices have for it.
    package let fingerprint: String
    /// SHA-256 over the DER in hexadecimal.
    package let sha256: String

    /// Gathers what people want to know of a certificate; days are counted from `date`.
    package init(_ facts: CertificateFacts, at date: Date) {
        commonName = facts.commonName.map(DisplayText.escaped)
        alternativeNames = facts.alternativeNames.map(DisplayText.escaped)
        subject = DisplayText.escaped(facts.subject)
        issuer = DisplayText.escaped(facts.issuer)
        serialNumber = facts.serialNumber
        notBefore = Timestamp(seconds: Int64(facts.notBefore.timeIntervalSince1970)).text
        notAfter = Timestamp(seconds: Int64(facts.notAfter.timeIntervalSince1970)).text
        daysLeft = facts.daysLeft(at: date)
        fingerprint = facts.fingerprint.text
        sha256 = facts.sha256
    }
}

/// The check of a bundle as JSON.
package struct BundleSummary: Encodable, Equatable, Sendable {
    /// One finding.
    package struct Entry: Encodable, Equatable, Sendable {
        /// Its stable code.
        package let code: String
        /// How bad it is.
        package let severity: String
        /// What is wrong, and what to do.
        package let message: String
    }

    /// `accept`, `warn` or `reject`.
    package let verdict: String
    /// What was found, the worst first.
    package let findings: [Entry]
    /// The device's certificate; nil if there is none.
    package let certificate: CertificateSummary?
    /// The rest of its chain.
    package let issuers: [CertificateSummary]

    /// Gathers the check of a bundle; days are counted from `date`.
    package init(_ bundle: IdentityBundle, findings: [Finding], at date: Date) {
        verdict = findings.verdict.rawValue
        let ordered = findings.enumerated().sorted {
            ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
        }
        self.findings = ordered.map(\.element).map {
            Entry(code: $0.code.rawValue, severity: $0.severity.rawValue, message: $0.message)
        }
        certificate = bundle.leaf.map { CertificateSummary($0, at: date) }
        issuers = bundle.chain.dropFirst().map { CertificateSummary($0, at: date) }
    }
}
