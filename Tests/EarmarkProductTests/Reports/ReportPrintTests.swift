import Foundation
import ProgramSupport
import Testing

/// docs/report.md, `.pdf`: the same page printed by Chromium or, if that is not installed, WeasyPrint; the printers
/// here are scripts that keep what they are given.
@Suite struct ReportPrintTests {
    private let place: Workplace
    private let id: String

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        id = try SampleAnswer.ofTwo().keep(in: place)
        try FileManager.default.createDirectory(atPath: place.file("bin"), withIntermediateDirectories: true)
    }

    /// A printer whose file holds its name, two dates of now and the page.
    private func install(_ name: String, _ end: String = "exit 0") throws {
        let script = """
            #!/bin/sh
            out= ; page=
            for word in "$@"; do
                case $word in
                    --print-to-pdf=*) out=${word#*=} ;;
                    -*) ;;
                    *) if [ -z "$page" ]; then page=${word#file://}; else out=$word; fi ;;
                esac
            done
            {
                echo "%PDF-1.4 \(name)"
                echo "/CreationDate (D:20991231235959+00'00') /ModDate (D:20991231235959+00'00')"
                while IFS= read -r line; do printf '%s\\n' "$line"; done < "$page"
                echo "/CreationDate (D:20991231"
            } > "$out"
            \(end)

            """
        let path = try place.write(script, to: "bin/\(name)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private func print(_ name: String) throws -> (status: Int32, errors: String) {
        let result = try place.run(["report", id, "-o", name], environment: ["PATH": place.file("bin")])
        return (result.exitStatus, result.errors)
    }

    @Test func thePageIsPrintedAndSigned() throws {
        try install("chromium")
        try place.succeed("report", id, "-o", "r.html")
        #expect(try print("r.pdf").status == 0)
        let text = try place.text(of: "r.pdf")
        #expect(text.hasPrefix("%PDF-1.4 chromium\n"))
        #expect(try text.contains(place.text(of: "r.html")))
        #expect(try place.run("report", "verify", "r.pdf").exitStatus == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: place.file("r.pdf"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// "Made again, it is the same": the dates are the analysis's own, 2026-03-01T12:34:56Z.
    @Test func datesOfPrintingAreThoseOfTheAnalysis() throws {
        try install("chromium")
        #expect(try print("r.pdf").status == 0)
        let text = try place.text(of: "r.pdf")
        let dates = "/CreationDate (D:20260301123456+00'00') /ModDate (D:20260301123456+00'00')"
        #expect(text.contains(dates) && text.hasSuffix("/CreationDate (D:202603011") && !text.contains("20991231"))
    }

    @Test func printersAreTriedInTheirOrder() throws {
        for (index, name) in ["weasyprint", "google-chrome", "chromium-browser", "chromium"].enumerated() {
            try install(name)
            #expect(try print("\(index).pdf").status == 0)
            #expect(try place.text(of: "\(index).pdf").hasPrefix("%PDF-1.4 \(name)\n"), "\(name)")
        }
    }

    @Test func withoutAPrinterTheReportSaysWhatToInstall() throws {
        let none = try print("r.pdf")
        #expect(none.status == 78 && none.errors.contains("chromium") && none.errors.contains("weasyprint"))
        #expect(!FileManager.default.fileExists(atPath: place.file("r.pdf")))
    }

    /// The last line that is not blank, in one line of ours and without what steers a terminal.
    @Test func thePrintersLastWordsAreTold() throws {
        try install("chromium", "printf 'loading\\nno \\033[31mroom \\n \\n' >&2; exit 3")
        let failed = try print("r.pdf")
        #expect(failed.status == 74 && failed.errors.split(separator: "\n").count == 1, "\(failed.errors)")
        #expect(failed.errors.contains("could not print the report: no "))
        #expect(failed.errors.contains("room; write .html"))
        #expect(!failed.errors.contains("loading") && !failed.errors.contains("\u{1B}"))
    }

    @Test func whatPrintersSpoilIsNoReport() throws {
        try install("chromium", "exit 3")
        let failed = try print("r.pdf")
        #expect(failed.status == 74 && failed.errors.contains("could not print the report; write .html"))
        try install("chromium", "echo nothing > \"$out\"; echo full >&2")
        let other = try print("r.pdf")
        #expect(other.status == 74 && other.errors.contains("was not written: full; write .html"))
        #expect(!FileManager.default.fileExists(atPath: place.file("r.pdf")))
        #expect(!FileManager.default.fileExists(atPath: place.file("r.pdf.sig")))
    }
}
