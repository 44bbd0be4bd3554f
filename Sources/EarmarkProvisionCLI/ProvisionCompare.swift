import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import EarmarkReport
import Foundation

/// The command `earmark provision compare`.
struct ProvisionCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Hold what a device printed against what was meant.",
        discussion: """
            Takes what was copied from a device: its answers to 'xCommand Security Certificates Services Show' and \
            'xStatus Conference EndToEndEncryption', or one of them, with whatever stands around. Says which \
            certificate is in use, what is missing, and what the device must get next; with the envelopes that \
            'provision batch' made, the line to paste. With a list of devices the text of each lies in the folder, as \
            NAME.txt. The status is 48 if the certificate that was meant is not in use.

              earmark provision compare shown.txt --certificate room1.pem
              earmark provision compare shown.txt --certificate room1.pem \\
                --envelopes envelopes --name room1
              earmark provision compare answers --list devices.csv --envelopes envelopes
            """)

    @Argument(
        help: ArgumentHelp(
            "The copied text, - for standard input; with --list a folder of such files.", valueName: "path"),
        completion: .file())
    var path: String

    @Option(
        help: ArgumentHelp("The certificate that was meant, or the bundle that was added.", valueName: "file"),
        completion: .file())
    var certificate: String?

    @Option(help: ArgumentHelp("List of devices with their bundles.", valueName: "list"), completion: .file())
    var list: String?

    @Option(help: ArgumentHelp("Folder of envelopes, to print the next line from.", valueName: "folder"))
    var envelopes: String?

    @Option(help: ArgumentHelp("The device's name in that folder.", valueName: "name"))
    var name: String?

    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        if (certificate == nil) == (list == nil) { throw ValidationError("Give --certificate or --list.") }
        if envelopes != nil, list == nil, name == nil { throw ValidationError("--envelopes needs --name.") }
        if name != nil, envelopes == nil { throw ValidationError("--name needs --envelopes.") }
    }

    /// A device as JSON.
    private struct Row: Encodable {
        let name: String?
        let comparison: DeviceComparison?
        let line: String?
        let error: String?
    }

    func run() throws {
        let rows = try list.map(fleet) ?? [try row(name, path, try CertificateFile.bundle(certificate ?? ""))]
        if json.isOn {
            try Output.json(["devices": rows])
        } else {
            try Output.result(list == nil ? rows.map(human).joined() : table(rows))
        }
        for row in rows { if let error = row.error { Output.error("'\(row.name ?? "")': \(error)") } }
        let left = rows.count { $0.comparison?.state != .active }
        guard left > 0 else {
            let told = "earmark: every device uses the certificate that was meant: \(rows.count)"
            return list == nil ? () : Output.message(told)
        }
        if list != nil {
            Output.error("\(left) of \(rows.count) devices \(left == 1 ? "is" : "are") not as meant")
        } else if let comparison = rows[0].comparison {
            Output.error("the device is not as meant: its state is '\(comparison.state.rawValue)'")
        }
        throw ExitCode(ExitStatus.deviceDiffers.rawValue)
    }

    private func row(_ name: String?, _ path: String, _ bundle: IdentityBundle) throws -> Row {
        let comparison = try DeviceComparison(try DeviceReport(path: path), meant: bundle)
        return Row(
            name: name, comparison: comparison,
            line: try comparison.nextLine(envelopes: envelopes, name: name ?? ""), error: nil)
    }

    /// Every device of the list of which it says what certificate is meant, once.
    private func fleet(_ list: String) throws -> [Row] {
        let devices = MeantDevice.all(try DeviceList(path: list).rows)
        guard !devices.isEmpty else { throw CommandError(.invalidInput, "the list '\(list)' names no bundle") }
        return devices.map { device in
            do {
                return try row(device.name, FilePath.join(path, device.name + ".txt"), try device.bundle())
            } catch {
                let text = (error as? any ReportableError)?.text ?? "cannot be compared"
                return Row(name: device.name, comparison: nil, line: nil, error: text)
            }
        }
    }

    private func table(_ rows: [Row]) -> String {
        var table = Table("NAME", "STATE", "NEXT", "MEANT", "IN USE")
        for row in rows {
            let comparison = row.comparison
            table.add(
                row.name ?? "", comparison?.state.rawValue ?? "unread", comparison?.next ?? "-",
                comparison?.meant ?? "-", comparison?.active ?? "-")
        }
        let lines = rows.compactMap { row in row.line.map { "== \(row.name ?? "") ==\n\($0)" } }
        return table.text + lines.map { "\n" + $0 }.joined()
    }

    private func human(_ row: Row) -> String {
        guard let comparison = row.comparison else { return "" }
        let next =
            switch comparison.next {
            case nil: "nothing"
            case "show": "ask what is in use"
            default: comparison.next ?? ""
            }
        let facts = Table.list([
            "state": comparison.state.rawValue, "meant": comparison.meant, "common name": comparison.commonName,
            "in use": comparison.active ?? "none, as far as the text says",
            "stored": comparison.stored.isEmpty ? nil : comparison.stored.joined(separator: " "),
            "missing": comparison.missing.isEmpty ? nil : comparison.missing.joined(separator: " "), "next": next,
        ])
        return facts + "\n" + (row.line.map { "\n" + $0 } ?? "")
    }
}
