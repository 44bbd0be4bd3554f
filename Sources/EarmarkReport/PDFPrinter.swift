public import EarmarkFiles
public import Foundation

/// Prints HTML to PDF with a program that is installed for it: Chromium without a window, or WeasyPrint.
///
/// The program runs no script, reaches no network, never has root's rights, and sees nothing of this one's environment:
/// a page that got past every escape could do nothing but be printed.
public enum PDFPrinter {
    /// Programs in the order in which they are tried.
    private static let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    private static let weasyPrint = "weasyprint"
    /// Printing a page takes a second or two; a browser that hangs must not hang the report.
    private static let patience = 120.0
    /// How much of the end of what a printer says is looked at, bytes: a line for a person, not its log.
    private static let toldByteCount = 1_000

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
        if geteuid() == 0 {
            for path in [folder.path, page.path] { chown(path, nobody, nobody) }
        }
        let told: String
        if let browser = browsers.lazy.compactMap(find).first {
            told = try run(
                browser,
                isolation + [
                    "--user-data-dir=\(folder.path)/profile", "--print-to-pdf=\(output.path)", page.absoluteString,
                ], in: folder)
        } else if let weasyPrint = find(weasyPrint) {
            told = try run(weasyPrint, [page.path, output.path], in: folder)
        } else {
            throw ReportError(
                .printerMissing,
                "PDF needs Chromium or WeasyPrint: install Debian's package chromium or weasyprint, or write .html "
                    + "and print it"
            )
        }
        // A link could lead to what its maker may not read.
        let type = try? FileManager.default.attributesOfItem(atPath: output.path)[.type] as? FileAttributeType
        guard type == .typeRegular, let data = try? Data(contentsOf: output), data.starts(with: Data("%PDF".utf8))
        else {
            throw ReportError(.printingFailed, "the PDF was not written\(told); write .html and print it")
        }
        return settled(data, date: date)
    }

    /// What keeps Chromium from everything but the page: whatever it asks for goes to a proxy that is not there.
    ///
    /// Scripts are forbidden by the page's own policy; with blink's setting for them off, version 156 prints nothing.
    private static let isolation = [
        "--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run", "--disable-extensions",
        "--disable-sync", "--disable-background-networking", "--disable-component-update",
        "--proxy-server=\(deadProxy)", "--proxy-bypass-list=<-loopback>",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
    /// Port 1 of this machine, on which nothing listens.
    private static let deadProxy = "http://127.0.0.1:1"
    /// The user without rights.
    private static let nobody: uid_t = 65_534
    /// Starts a program as another user; where it is, whatever PATH says.
    private static let setpriv = "/usr/bin/setpriv"

    private static var path: String { ProcessInfo.processInfo.environment["PATH"] ?? "" }

    private static func find(_ name: String) -> String? {
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Runs a printer; the last line that it wrote to standard error behind a colon, or nothing.
    private static func run(_ program: String, _ arguments: [String], in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if geteuid() == 0 {
            guard access(setpriv, X_OK) == 0 else {
                throw ReportError(
                    .printingFailed,
                    "a browser does not print with root's rights: run as another user, or write .html and print it")
            }
            process.executableURL = URL(fileURLWithPath: setpriv)
            process.arguments =
                ["--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups", "--no-new-privs", "--", program]
                + arguments
        }
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": path, "HOME": folder.path, "TMPDIR": folder.path, "LANG": "C.UTF-8", "http_proxy": deadProxy,
            "https_proxy": deadProxy, "ftp_proxy": deadProxy, "all_proxy": deadProxy, "no_proxy": "",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let errors = try errorFile(in: folder)
        process.standardError = errors
        try process.run()
        let deadline = DispatchTime.now() + patience
        let timer = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: deadline, execute: timer)
        process.waitUntilExit()
        timer.cancel()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw ReportError(
                .printingFailed,
                "'\(program)' could not print the report\(lastLine(errors)); write .html and print it")
        }
        return lastLine(errors)
    }

    /// A new file for what a printer says: nothing waits for somebody to read it, as with a pipe.
    private static func errorFile(in folder: URL) throws(FileError) -> FileHandle {
        let path = folder.appendingPathComponent("errors").path
        let descriptor = FilePath.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode: 0o600)
        guard descriptor >= 0 else { throw PrivateFile.systemError("create", path) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Read by the handle, since the printer may have put a link in the file's place.
    private static func lastLine(_ errors: FileHandle) -> String {
        let end = (try? errors.seekToEnd()) ?? 0
        try? errors.seek(toOffset: end - min(end, UInt64(toldByteCount)))
        let bytes = (try? errors.read(upToCount: toldByteCount)) ?? Data()
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.last { !$0.isEmpty }.map { ": " + $0 } ?? ""
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
