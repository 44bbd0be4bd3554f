import EarmarkFiles
import EarmarkOutput
import Foundation

/// When a certificate ends, as JSON and as a metric.
package struct CertificateExpiry: Encodable, Equatable, Sendable {
    /// The file that holds it.
    package let file: String
    /// The common name, fit to be shown; nil if there is none.
    package let commonName: String?
    /// The last second of validity, ISO 8601 in UTC.
    package let notAfter: String
    /// Days until it ends, rounded down; negative once it has ended.
    package let daysLeft: Int
    /// `ok`, `soon` or `expired`.
    package let state: String
    /// The name that devices have for it.
    package let fingerprint: String
    private let seconds: Int64

    private enum CodingKeys: String, CodingKey {
        case file, commonName, notAfter, daysLeft, state, fingerprint
    }

    init(_ facts: CertificateFacts, file: String, at date: Date, days: Int) {
        self.file = file
        commonName = facts.commonName.map(DisplayText.escaped)
        seconds = Int64(facts.notAfter.timeIntervalSince1970)
        notAfter = Timestamp(seconds: seconds).text
        daysLeft = facts.daysLeft(at: date)
        state = date > facts.notAfter ? "expired" : daysLeft < days ? "soon" : "ok"
        fingerprint = facts.fingerprint.text
    }

    /// The metric in Prometheus' text format.
    func metric(_ name: String) -> String {
        let labels = [("file", file), ("common_name", commonName ?? ""), ("fingerprint", fingerprint)]
        let text = labels.map { "\($0.0)=\"\(CertificateExpiry.label($0.1))\"" }.joined(separator: ",")
        return "\(name){\(text)} \(seconds)"
    }

    private static func label(_ text: String) -> String {
        OutputText.quoted(text)
    }
}
