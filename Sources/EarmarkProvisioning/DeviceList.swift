import EarmarkFiles
import Foundation

/// A list of devices: a table as spreadsheets save it (see `Spreadsheet`), with a header.
///
/// Columns: `name`, `action`, and as the action needs them those of `Row`. Secrets are named by where they come from: a
/// path, `file:PATH` or `env:NAME`. Paths are relative to the list's folder.
package struct DeviceList {
    /// A device and what is to be done for it.
    package struct Row: Equatable, Sendable {
        /// Where the row begins, counted from 1 with the header.
        package let number: Int
        /// The device's name, not yet judged.
        package let name: String
        /// What to do, one step or several with spaces between them, not yet judged.
        package let action: String
        /// Where the secret comes from: empty, `file:PATH` or `env:NAME`.
        package let secret: String
        /// Path of the bundle; nil if none is named.
        package let bundle: String?
        /// Where the new secret comes from, as `secret`.
        package let newSecret: String
        /// Path of the private key, where the bundle does not hold it; nil if none is named.
        package let key: String?
        /// Path of the request for a certificate; nil if none is named.
        package let request: String?
        /// The common name to request; empty for the device's name.
        package let commonName: String
        /// Further names to request, `DNS:…`, `IP:…`, `email:…` or `URI:…`, with spaces between them.
        package let alternativeNames: String
        /// The certificate's fingerprint as somebody wrote it down, to be compared; empty for none.
        package let fingerprint: String
        /// The device's identifier in the cloud; empty for none.
        package let device: String
    }

    /// The rows in the list's order.
    package let rows: [Row]

    /// Longest list, in bytes: some hundred thousand devices.
    private static let maximumByteCount = 16 << 20
    private static let required = ["name", "action"]
    private static let optional = [
        "secret", "bundle", "new_secret", "key", "request", "common_name", "alternative_names", "fingerprint", "device",
    ]

    /// Reads the list in the file at `path`.
    ///
    /// - Throws: `missing`, `inputOutput`, or `invalid` with row and column of what breaks the format.
    package init(path: String) throws(IntakeError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SmallFile.read(path, maximumByteCount: DeviceList.maximumByteCount)
        } catch {
            throw IntakeError(error)
        }
        if let problem = Spreadsheet.problem(bytes) { throw IntakeError(.invalid, "'\(path)' \(problem)") }
        let records: [Spreadsheet.Row<String>]
        do throws(CSVReader.Problem) {
            records = try Spreadsheet.rows(bytes)
        } catch {
            throw IntakeError(.invalid, "'\(path)': row \(error.row), column \(error.column) \(error.text)")
        }
        do throws(IntakeError) {
            rows = try DeviceList.rows(records, folder: FilePath.parent(path))
        } catch {
            throw IntakeError(error.code, "'\(path)': \(error.message)")
        }
    }

    private static func rows(_ records: [Spreadsheet.Row<String>], folder: String) throws(IntakeError) -> [Row] {
        guard
            let header = records.first?.fields.map({ $0.lowercased().trimmingCharacters(in: .whitespaces) })
        else {
            throw IntakeError(.invalid, "the list is empty")
        }
        for name in header where !(required + optional).contains(name) {
            throw IntakeError(
                .invalid,
                "unknown column '\(DisplayText.escaped(name))'; there are "
                    + "\((required + optional).joined(separator: ", "))"
            )
        }
        for name in required where !header.contains(name) {
            throw IntakeError(.invalid, "the column '\(name)' is missing")
        }
        guard Set(header).count == header.count else { throw IntakeError(.invalid, "a column is there twice") }
        var rows: [Row] = []
        for record in records.dropFirst() {
            let fields = record.fields
            guard fields.count == header.count else {
                throw IntakeError(
                    .invalid, "row \(record.number) has \(fields.count) fields, the header has \(header.count)")
            }
            let values = Dictionary(uniqueKeysWithValues: zip(header, fields))
            // Blanks at the ends of cells are not seen, and nobody means them.
            func value(_ column: String) -> String {
                (values[column] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            }
            func file(_ column: String) -> String? { value(column).isEmpty ? nil : path(value(column), folder) }
            rows.append(
                Row(
                    number: record.number, name: value("name"), action: value("action"),
                    secret: located(value("secret"), folder), bundle: file("bundle"),
                    newSecret: located(value("new_secret"), folder), key: file("key"), request: file("request"),
                    commonName: value("common_name"), alternativeNames: value("alternative_names"),
                    fingerprint: value("fingerprint"), device: value("device")))
        }
        return rows
    }

    private static func located(_ source: String, _ folder: String) -> String {
        if source.isEmpty || source.hasPrefix("env:") { return source }
        return "file:" + path(source.hasPrefix("file:") ? String(source.dropFirst("file:".count)) : source, folder)
    }

    private static func path(_ name: String, _ folder: String) -> String {
        name.hasPrefix("/") ? name : FilePath.join(folder, name)
    }
}
