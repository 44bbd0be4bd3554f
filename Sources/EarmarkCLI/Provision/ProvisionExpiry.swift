import ArgumentParser
import EarmarkFiles
import EarmarkProvisioning
import EarmarkReport
import EarmarkStore
import Foundation

/// The command `earmark provision expiry`.
struct ProvisionExpiry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expiry", abstract: "Find certificates that end soon.",
        discussion: """
            Looks at the certificates in files, in folders (*.pem, *.crt, *.cer) and in the bundles of a list of \
            devices \
            (*.csv). Ends with status 45 if one ends within the days given or has ended, with 44 if a file cannot be \
            read, and with 0 otherwise, for monitoring. --prometheus prints metrics for a text file collector.

              earmark provision expiry certificates --days 30
              earmark provision expiry devices.csv --prometheus > earmark.prom
            """)

    @Argument(
        help: ArgumentHelp("Files, folders or lists of devices.", valueName: "path"), completion: .file())
    var paths: [String]

    @Option(help: ArgumentHelp("How soon is soon.", valueName: "days"))
    var days = IdentityBundle.defaultWarningDays

    @Option(help: ArgumentHelp("Judge as of this time; now by default.", valueName: "time"))
    var at: TimeArgument?

    @Flag(help: "Leave authorities out.")
    var leavesOnly = false

    @Flag(help: "Print in the text format of Prometheus.")
    var prometheus = false

    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        if days < 0 { throw ValidationError("--days takes 0 or more.") }
        if prometheus, json.isOn { throw ValidationError("Give --prometheus or --json, not both.") }
    }

    func run() throws {
        HostProcess.forbidDumps()
        let date = at.map { Date(timeIntervalSince1970: Double($0.seconds)) } ?? Date()
        var rows: [ExpiryRow] = []
        var unreadable = 0
        for file in try ExpiryFiles.expand(paths) {
            do {
                let text = try ByteInput.read(file, maximumByteCount: BundleOptions.maximumByteCount)
                let certificates = try CertificateFacts.all(inPEM: text).filter { !leavesOnly || !$0.isAuthority }
                rows += certificates.map { ExpiryRow($0, file: file, at: date, days: days) }
            } catch let error as any ReportableError {
                unreadable += 1
                Output.error("'\(file)': \(error.text)")
            }
        }
        rows.sort { ($0.daysLeft, $0.file) < ($1.daysLeft, $1.file) }
        if json.isOn {
            try Output.json(["certificates": rows])
        } else {
            try Output.result(prometheus ? ExpiryRow.prometheus(rows, unreadable: unreadable) : ExpiryRow.table(rows))
        }
        let soon = rows.count { $0.state != "ok" }
        if soon > 0 {
            Output.error("\(soon) of \(rows.count) certificates end within \(days) days or have ended")
            throw ExitCode(ExitStatus.certificateExpiring.rawValue)
        }
        if unreadable > 0 { throw ExitCode(ExitStatus.certificateRefused.rawValue) }
    }
}

/// Files that may hold certificates.
enum ExpiryFiles {
    private static let suffixes = [".pem", ".crt", ".cer"]

    /// Files as they are, folders as the certificates in and below them, lists as the bundles that they name.
    static func expand(_ paths: [String]) throws -> [String] {
        var files: [String] = []
        for path in paths {
            var isFolder = ObjCBool(false)
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            if exists, isFolder.boolValue {
                let inside = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
                let found = inside.filter { name in suffixes.contains { name.lowercased().hasSuffix($0) } }.sorted()
                files += found.map { (path as NSString).appendingPathComponent($0) }
            } else if exists, path.lowercased().hasSuffix(".csv") {
                files += try DeviceList(path: path).rows.compactMap(\.bundle)
            } else {
                files.append(path)
            }
        }
        return files
    }
}

/// When a certificate ends, as JSON.
struct ExpiryRow: Encodable {
    let file: String
    let commonName: String?
    let notAfter: String
    let daysLeft: Int
    /// `ok`, `soon` or `expired`.
    let state: String
    let fingerprint: String
    private let seconds: Int64

    private enum CodingKeys: String, CodingKey {
        case file, commonName, notAfter, daysLeft, state, fingerprint
    }

    init(_ facts: CertificateFacts, file: String, at date: Date, days: Int) {
        self.file = file
        commonName = facts.commonName.map(DisplayText.escaped)
        seconds = Int64(facts.notAfter.timeIntervalSince1970)
        notAfter = UTCTime.text(seconds)
        daysLeft = facts.daysLeft(at: date)
        state = date > facts.notAfter ? "expired" : daysLeft < days ? "soon" : "ok"
        fingerprint = facts.fingerprint.text
    }

    /// Rows for people, the soonest first.
    static func table(_ rows: [ExpiryRow]) -> String {
        var table = Table("DAYS", "STATE", "ENDS", "COMMON NAME", "FILE")
        for row in rows { table.add(String(row.daysLeft), row.state, row.notAfter, row.commonName ?? "-", row.file) }
        return table.text
    }

    /// Rows in Prometheus' text format, version 0.0.4.
    static func prometheus(_ rows: [ExpiryRow], unreadable: Int) -> String {
        let metric = "earmark_certificate_not_after_seconds"
        let failures = "earmark_certificate_unreadable_files"
        var lines = [
            "# HELP \(metric) When the certificate ends, in seconds since 1970-01-01 UTC.", "# TYPE \(metric) gauge",
        ]
        for row in rows {
            let labels = [("file", row.file), ("common_name", row.commonName ?? ""), ("fingerprint", row.fingerprint)]
            let text = labels.map { "\($0.0)=\"\(label($0.1))\"" }.joined(separator: ",")
            lines.append("\(metric){\(text)} \(row.seconds)")
        }
        lines += [
            "# HELP \(failures) Files in which no certificate could be read.", "# TYPE \(failures) gauge",
            "\(failures) \(unreadable)",
        ]
        return lines.joined(separator: "\n")
    }

    private static func label(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
