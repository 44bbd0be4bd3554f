public import EarmarkFiles
public import Foundation

/// Prints HTML to PDF with a program that is installed for it: Chromium without a window, or WeasyPrint.
public enum PDFPrinter {
    /// Programs in the order in which they are tried.
    private static let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    private static let weasyPrint = "weasyprint"
    /// Printing a page takes a second or two; a browser that hangs must not hang the report.
    private static let patience = 120.0

    /// The PDF of `html`.
    ///
    /// - Parameters:
    ///   - html: the page.
    ///   - date: what the PDF states as its date, so that the same page makes the same bytes.
    /// - Throws: `ReportError`: `printerMissing` if no program is installed, `printingFailed`.
    public static func print(_ html: String, date: Timestamp) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "earmark-report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let page = folder.appendingPathComponent("report.html")
        let output = folder.appendingPathComponent("report.pdf")
        try Data(html.utf8).write(to: page)
        if let browser = browsers.lazy.compactMap(find).first {
            // As root, Chromium's sandbox cannot start; the page is our own and its policy forbids scripts and loading.
            let sandbox = geteuid() == 0 ? ["--no-sandbox"] : []
            try run(
                browser,
                sandbox + [
                    "--headless", "--disable-gpu", "--no-pdf-header-footer", "--user-data-dir=\(folder.path)/profile",
                    "--print-to-pdf=\(output.path)", page.absoluteString,
                ])
        } else if let weasyPrint = find(weasyPrint) {
            try run(weasyPrint, [page.path, output.path])
        } else {
            throw ReportError(
                .printerMissing,
                "PDF needs Chromium or WeasyPrint: install Debian's package chromium or weasyprint, or write .html "
                    + "and print it"
            )
        }
        guard let data = try? Data(contentsOf: output), data.starts(with: Data("%PDF".utf8)) else {
            throw ReportError(.printingFailed, "the PDF was not written; write .html and print it")
        }
        return settled(data, date: date)
    }

    private static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = DispatchTime.now() + patience
        let timer = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: deadline, execute: timer)
        process.waitUntilExit()
        timer.cancel()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw ReportError(.printingFailed, "'\(program)' could not print the report; write .html and print it")
        }
    }

    /// Replaces the dates of printing by the analysis's; the same length, so no offset in the file moves.
    private static func settled(_ data: Data, date: Timestamp) -> Data {
        var data = data
        let digits = String(decoding: dateDigits(date), as: UTF8.self)
        for name in ["/CreationDate (D:", "/ModDate (D:"] {
            var start = data.startIndex
            while let found = data.range(of: Data(name.utf8), in: start..<data.endIndex) {
                let place = found.upperBound..<min(found.upperBound + digits.utf8.count, data.endIndex)
                data.replaceSubrange(place, with: Data(digits.utf8).prefix(place.count))
                start = place.upperBound
            }
        }
        return data
    }

    /// `20260301093000`.
    private static func dateDigits(_ date: Timestamp) -> [UInt8] {
        date.text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
