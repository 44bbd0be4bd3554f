import ArgumentParser
import EarmarkAnswer
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a stored analysis as a signed report for people (also: verify, key).",
        subcommands: [Make.self, Verify.self, Key.self], defaultSubcommand: Make.self, aliases: ["reports"])

    /// The command `earmark report make`, which `earmark report` is short for.
    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Write a report and its signature ('make' may be left out).",
            discussion: """
                The ending of the file's name decides its form: .html (one file that needs nothing else, for screen \
                and paper), .json (everything that is stored), .pdf (needs Chromium or WeasyPrint). The same analysis \
                makes the same bytes in the same zone. The signature (ECDSA on P-256, SHA-256) goes to FILE.sig.

                  earmark report latest -o report.html
                  earmark report a_3fd6 -o report.pdf

                'earmark report verify' checks a report, 'earmark report key' prints the key that others check it with.
                """)

        @Argument(help: Named.analysisHelp, completion: Named.analyses)
        var analysis: String

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create, with mode 0600.", valueName: "file"))
        var output: String

        @Flag(help: "Name endpoints whose mark is a trace only, which accuses nobody.")
        var nameTraces = false

        @Option(
            help: ArgumentHelp(
                "Zone whose times stand beside those in UTC, as Europe/Berlin; the system's without it.",
                valueName: "zone"), transform: Make.zone)
        var zone: TimeZone = .current

        @Flag(help: "Write no signature.")
        var unsigned = false

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        private static func zone(_ name: String) throws -> TimeZone {
            guard let zone = TimeZone(identifier: name) else {
                throw ValidationError("'\(name)' is no zone that this system knows")
            }
            return zone
        }

        func run() throws {
            let writer = try ReportWriter(to: output, nameTraces: nameTraces, zone: zone, isSigned: !unsigned)
            let store = try storeOptions.open()
            try writer.write(try store.analysis(try store.analysisID(named: analysis)), in: store)
            try json.print(
                ["written": writer.written], human: "written to " + writer.written.joined(separator: " and "))
        }
    }

    /// The command `earmark report verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that a report is as it was signed.",
            discussion: """
                The exit status is 0 if the signature is good, 65 if the report or its signature was altered. Without \
                --key the store's own key is used; others are given the key that 'earmark report key' prints.

                  earmark report verify report.html
                  earmark report verify report.pdf --key earmark-reports.pem
                  openssl dgst -sha256 -verify earmark-reports.pem \\
                    -signature report.pdf.sig report.pdf
                """)

        @Argument(help: ArgumentHelp("The report.", valueName: "file"), completion: .file())
        var report: String

        @Option(help: ArgumentHelp("The signature; FILE.sig without it.", valueName: "file"))
        var signature: String?

        @Option(help: ArgumentHelp("The public key, PEM.", valueName: "file"))
        var key: String?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        /// Largest report that is read.
        private static let maximumByteCount = 256 << 20

        func run() throws {
            let paths = ReportSignature.paths(of: report, signature: signature)
            let bytes = try SmallFile.read(paths.report, maximumByteCount: Self.maximumByteCount)
            let signature = try SmallFile.read(paths.signature, maximumByteCount: ReportSignature.maximumByteCount)
            let pem =
                try key.map {
                    String(decoding: try SmallFile.read($0, maximumByteCount: 1 << 16), as: UTF8.self)
                } ?? storeOptions.open().reportSigner().publicKeyPEM
            guard try ReportSignature.isValid(signature, of: bytes, publicKeyPEM: pem) else {
                throw CommandError(
                    .invalidInput,
                    "'\(paths.report)' is not what was signed, or was signed with another key: do not rely on it")
            }
            try json.print(["verified": paths.report], human: "'\(paths.report)' is as it was signed")
        }
    }

    /// The command `earmark report key`.
    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the public key that reports are checked with.",
            discussion: """
                Hand it out once by a way that the readers of reports trust.

                  earmark report key > earmark-reports.pem
                  earmark report key --fingerprint
                  openssl pkey -pubin -in earmark-reports.pem -outform DER | sha256sum
                """)

        @Flag(help: "Print the SHA-256 of the key instead (of its DER form), which reports state.")
        var fingerprint = false

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let signer = try storeOptions.open().reportSigner()
            try json.print(
                ["key": signer.publicKeyPEM, "sha256": signer.publicKeySHA256],
                human: fingerprint ? signer.publicKeySHA256 : signer.publicKeyPEM)
        }
    }
}
