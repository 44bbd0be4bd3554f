import EarmarkFiles
import EarmarkOutput

/// What came of a row of a list of devices, as JSON and comma-separated values.
package struct DeviceResult: Encodable, Equatable, Sendable {
    /// How a row ended.
    package enum Status: String, Encodable, Sendable {
        /// Its envelope was sealed.
        case sealed
        /// An earlier run sealed it.
        case present
        /// It could not be done.
        case failed
    }

    /// Where the row begins, counted from 1 with the header.
    package let row: Int
    /// The device's name, fit to be shown.
    package let name: String
    /// What was to be done, fit to be shown.
    package let action: String
    /// How it ended.
    package let status: Status
    /// The kind of failure; nil if it did not fail.
    package let code: String?
    /// What is wrong; nil if it did not fail.
    package let message: String?
    /// The envelope's file; nil if it failed.
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
