import EarmarkFiles
import EarmarkOutput
package import Foundation

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
    fileprivate func metric(_ name: String) -> String {
        let labels = [("file", file), ("common_name", commonName ?? ""), ("fingerprint", fingerprint)]
        let text = labels.map { "\($0.0)=\"\(CertificateExpiry.label($0.1))\"" }.joined(separator: ",")
        return "\(name){\(text)} \(seconds)"
    }

    private static func label(_ text: String) -> String {
        OutputText.quoted(text)
    }
}

/// The certificates of files, folders and lists of devices, and when they end.
package struct ExpirySurvey: Sendable {
    /// The certificates, the soonest first.
    package private(set) var certificates: [CertificateExpiry] = []
    /// Files in which no certificate can be read, and why.
    package private(set) var unreadable: [(file: String, reason: String)] = []

    private static let suffixes = [".pem", ".crt", ".cer"]

    /// Reads files as they are, folders as the certificates in and below them, lists as the bundles that they name.
    ///
    /// - Parameters:
    ///   - paths: what to look at.
    ///   - date: the time to judge at.
    ///   - days: fewer days left than this are soon.
    ///   - leavesOnly: whether authorities are left out.
    /// - Throws: `IntakeError` if a list cannot be read.
    package init(_ paths: [String], at date: Date, days: Int, leavesOnly: Bool) throws {
        for file in try ExpirySurvey.expand(paths) {
            do {
                let facts = try CertificateFacts.all(inPEM: try CertificateFile.read(file))
                certificates += facts.filter { !leavesOnly || !$0.isAuthority }
                    .map { CertificateExpiry($0, file: file, at: date, days: days) }
            } catch let error as ProvisioningError {
                unreadable.append((file, error.description))
            } catch let error as IntakeError {
                unreadable.append((file, error.message))
            }
        }
        certificates.sort { ($0.daysLeft, $0.file) < ($1.daysLeft, $1.file) }
    }

    private static func expand(_ paths: [String]) throws -> [String] {
        var files: [String] = []
        for path in paths {
            if FilePath.isFolder(path) {
                files += try inside(path).sorted(by: FilePath.precedes)
            } else if FilePath.status(path) != nil, path.lowercased().hasSuffix(".csv") {
                files += try DeviceList(path: path).rows.compactMap(\.bundle)
            } else {
                files.append(path)
            }
        }
        return files
    }

    private static func inside(_ folder: String) throws -> [String] {
        var files: [String] = []
        let names: [String]
        do throws(FileError) {
            names = try FilePath.entries(folder)
        } catch {
            throw IntakeError(error)
        }
        for name in names {
            let path = FilePath.join(folder, name)
            if FilePath.entryStatus(path).map({ $0.st_mode & S_IFMT == S_IFDIR }) ?? false {
                files += try inside(path)
            } else if suffixes.contains(where: { name.lowercased().hasSuffix($0) }) {
                files.append(path)
            }
        }
        return files
    }

    /// The certificates in Prometheus' text format, version 0.0.4.
    package var prometheus: String {
        let metric = "earmark_certificate_not_after_seconds"
        let failures = "earmark_certificate_unreadable_files"
        let head = [
            "# HELP \(metric) When the certificate ends, in seconds since 1970-01-01 UTC.", "# TYPE \(metric) gauge",
        ]
        let tail = [
            "# HELP \(failures) Files in which no certificate could be read.", "# TYPE \(failures) gauge",
            "\(failures) \(unreadable.count)",
        ]
        return (head + certificates.map { $0.metric(metric) } + tail).joined(separator: "\n")
    }
}
