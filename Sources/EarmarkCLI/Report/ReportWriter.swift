import EarmarkAnswer
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// Writes a stored analysis as a report with its signature.
struct ReportWriter {
    private enum Form: String {
        case html, json, pdf
    }

    let output: String
    let nameTraces: Bool
    /// Its times stand beside those in UTC.
    let zone: TimeZone
    let isSigned: Bool
    private let form: Form

    /// Checks that a report can be written to `output`: its form is known, its folder there, and neither file is.
    init(
        to output: String, nameTraces: Bool = false, zone: TimeZone = .current, isSigned: Bool = true
    ) throws {
        guard let form = Form(rawValue: FilePath.ending(output)) else {
            throw CommandError(.usage, "'\(output)' must end in .html, .json or .pdf")
        }
        self.form = form
        self.output = output
        self.nameTraces = nameTraces
        self.zone = zone
        self.isSigned = isSigned
        for path in written where PrivateFile.exists(path) {
            throw CommandError(.exists, "'\(path)' exists already and is not overwritten")
        }
        try PrivateFile.requireFolder(of: output)
    }

    /// The files that it writes.
    var written: [String] { isSigned ? [output, output + ReportSignature.suffix] : [output] }

    func write(_ record: AnalysisRecord, in store: Store) throws {
        let document = try store.document(record)
        ReportWriter.warn(of: document)
        try store.record(.init(.report, meeting: record.meetingID, ["analysis": record.id.text, "file": output]))
        let signer = isSigned ? try store.reportSigner() : nil
        let page = HTMLReport(
            document, namesTraces: nameTraces, zone: zone, signingKey: signer?.publicKeySHA256
        ).text
        let data: Data =
            switch form {
            case .html: Data(page.utf8)
            case .json: try Output.encoded(["report": document])
            case .pdf: try PDFPrinter.print(page, date: record.createdAt)
            }
        // Signed before anything is written: a report that cannot be signed is not left behind.
        let signature = try signer?.sign([UInt8](data))
        try ReportFile.create(
            output, bytes: [UInt8](data), signature: signature.map { (output + ReportSignature.suffix, $0) })
    }

    /// Says of a worker's answer that it is one, and what the records have against it: it leaves the store.
    static func warn(of document: StoredAnswer) {
        for text in document.cautions { Output.message("earmark: warning: \(text)") }
    }

    /// Opens the report with the program that the desktop has for it; a warning if there is none.
    func show() {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xdg-open", "./" + output]
        if output.hasPrefix("/") { process.arguments = ["xdg-open", output] }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
            process.waitUntilExit()
        } catch {
            return Output.message("earmark: warning: '\(output)' cannot be opened: \(error.localizedDescription)")
        }
        if process.terminationStatus != 0 {
            Output.message("earmark: warning: 'xdg-open' could not open '\(output)'; open it in a browser")
        }
    }
}
