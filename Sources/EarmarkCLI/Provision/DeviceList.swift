import EarmarkFiles
import EarmarkProvisioning
import EarmarkStore
import Foundation

/// A list of devices: comma-separated values with a header.
///
/// Columns: `name`, `action`, and as the action needs them `secret`, `bundle` and `new_secret`. Secrets are named by
/// where they come from: a path, `file:PATH` or `env:NAME`. Paths are relative to the list's folder.
struct DeviceList {
    /// A device and what is to be done for it.
    struct Row {
        /// Where the row begins, counted from 1 with the header.
        let number: Int
        let name: String
        let action: String
        let secret: String
        let bundle: String?
        let newSecret: String
    }

    let rows: [Row]

    /// Longest list, in bytes: some hundred thousand devices.
    private static let maximumByteCount = 16 << 20
    private static let required = ["name", "action"]
    private static let optional = ["secret", "bundle", "new_secret"]

    init(path: String) throws(CommandError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SmallFile.read(path, maximumByteCount: DeviceList.maximumByteCount)
        } catch {
            throw CommandError(error.exitStatus, error.message)
        }
        let folder = (path as NSString).deletingLastPathComponent
        do {
            rows = try DeviceList.rows(try CSVReader.records(bytes), folder: folder)
        } catch let problem as CSVReader.Problem {
            throw CommandError(.invalidInput, "'\(path)': row \(problem.row), column \(problem.column) \(problem.text)")
        } catch let error as CommandError {
            throw CommandError(error.exitStatus, "'\(path)': \(error.message)")
        } catch {
            throw CommandError(.invalidInput, "'\(path)' cannot be read")
        }
    }

    private static func rows(_ records: [[String]], folder: String) throws -> [Row] {
        guard let header = records.first?.map({ $0.lowercased() }) else {
            throw CommandError(.invalidInput, "the list is empty")
        }
        for name in header where !(required + optional).contains(name) {
            throw CommandError(
                .invalidInput,
                "unknown column '\(DisplayText.escaped(name))'; there are "
                    + "\((required + optional).joined(separator: ", "))"
            )
        }
        for name in required where !header.contains(name) {
            throw CommandError(.invalidInput, "the column '\(name)' is missing")
        }
        guard Set(header).count == header.count else { throw CommandError(.invalidInput, "a column is there twice") }
        return try records.enumerated().dropFirst().filter { $0.element != [""] }.map { index, fields in
            guard fields.count == header.count else {
                throw CommandError(
                    .invalidInput, "row \(index + 1) has \(fields.count) fields, the header has \(header.count)")
            }
            let values = Dictionary(uniqueKeysWithValues: zip(header, fields))
            let bundle = values["bundle"] ?? ""
            return Row(
                number: index + 1, name: values["name"] ?? "", action: values["action"] ?? "",
                secret: located(values["secret"] ?? "", folder), bundle: bundle.isEmpty ? nil : path(bundle, folder),
                newSecret: located(values["new_secret"] ?? "", folder))
        }
    }

    private static func located(_ source: String, _ folder: String) -> String {
        if source.isEmpty || source.hasPrefix("env:") { return source }
        return "file:" + path(source.hasPrefix("file:") ? String(source.dropFirst("file:".count)) : source, folder)
    }

    private static func path(_ name: String, _ folder: String) -> String {
        name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    }
}
