import EarmarkFiles
import EarmarkOutput

/// What came of a step of a list of devices, as JSON and comma-separated values.
package struct DeviceResult: Encodable, Equatable, Sendable {
    /// How a step ended.
    package enum Status: String, Encodable, Sendable {
        /// Its envelope was sealed.
        case sealed
        /// An earlier run sealed it.
        case present
        /// Its file was made: a secret, a request or the line with the first secret.
        case made
        /// It could not be done.
        case failed
        /// It was left because an earlier step of the device could not be done.
        case skipped
    }

    /// Where the row begins, counted from 1 with the header.
    package let row: Int
    /// The device's name, fit to be shown.
    package let name: String
    /// What was to be done, fit to be shown.
    package let action: String
    /// How it ended.
    package let status: Status
    /// The kind of failure; nil if it was done.
    package let code: String?
    /// What is wrong; nil if it was done.
    package let message: String?
    /// The file that was made; nil if it was not done.
    package let file: String?
    /// The certificate's fingerprint; nil if the row is about none.
    package let fingerprint: String?
    /// Codes of what is unwise.
    package let warnings: [String]

    /// Results with a header, lines ending in CRLF (RFC 4180).
    package static func csv(_ results: [DeviceResult]) -> String {
        let header = ["row", "name", "action", "status", "code", "message", "file", "fingerprint", "warnings"]
        let rows = results.map { result in
            [
                String(result.row), result.name, result.action, result.status.rawValue, result.code ?? "",
                result.message ?? "", result.file ?? "", result.fingerprint ?? "",
                result.warnings.joined(separator: " "),
            ]
        }
        return CSVText.rows([header] + rows)
    }
}
