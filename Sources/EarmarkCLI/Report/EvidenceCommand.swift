import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark evidence`.
struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Let others compute an accusation again, without store and keys.",
        subcommands: [Export.self, Verify.self])

    /// The command `earmark evidence export`.
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write what it takes to compute again that a client's mark is in a recording.",
            discussion: """
                The package holds the seeds that the meeting's marks share, the one named client's seed, what shows \
                that both were committed to before, the alignment and the score; docs/evidence.md describes it. It \
                is written with mode 0600, its signature to FILE.sig ('earmark report verify FILE' checks that).

                \(EvidencePackage.reveals) Give it to whoever must check the accusation, and not before the meeting \
                is over and its tickets are revoked.

                  earmark evidence export a_3fd6xk2m7qz5r4wj -o case.earmark
                """)

        @Argument(help: Named.analysisHelp, completion: Named.analyses)
        var analysis: String

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create.", valueName: "file"))
        var output: String

        @Option(
            help: "The client, where several are identified: e-mail, participant, identifier, or the beginning of one.")
        var client: String?

        @Flag(help: "Put in seeds of stronger sources, who are identified too, where the evidence counts only without.")
        var withStronger = false

        @OptionGroup var storeOptions: KeyedStoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let signature = output + ReportSignature.suffix
            for path in [output, signature] where PrivateFile.exists(path) {
                throw CommandError(.exists, "'\(path)' exists already and is not overwritten")
            }
            let service = try storeOptions.service()
            let store = service.store
            let record = try store.analysis(try store.analysisID(named: analysis))
            let document = try store.document(record)
            ReportWriter.warn(of: document)
            let package = try service.evidence(
                record.id, client: client, includesOthers: withStronger,
                report: Array(HTMLReport(document, zone: .current).text.utf8))
            let bytes = try package.encoded()
            let signed = try service.store.reportSigner().sign(bytes)
            try ReportFile.create(output, bytes: bytes, signature: (signature, signed))
            if package.commitment == nil {
                Output.message(
                    "earmark: warning: no commitment covers this client, so nothing in the package shows whose seed it "
                        + "is; make one before a meeting ('earmark commitment create')")
            }
            try json.print(
                ["written": [output, signature], "reveals": package.reveals],
                human: "written to \(output) and \(signature)\n\(package.reveals)")
        }
    }

    /// The command `earmark evidence verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute an accusation again from its package and the recording.",
            discussion: """
                Needs neither store nor keys. Says of each thing whether it holds, is broken, or cannot be told; the \
                exit status is 0 if nothing is broken, 65 otherwise; the last line names what stays open.

                  earmark evidence verify case.earmark leak.m4a --root \\
                    5b1c0e9a47d2f3862b6a7c1d84e0f5936d2c8b17a4e95f30c6d1827be39f40a2
                """)

        @Argument(help: "The package.", completion: .file())
        var package: String

        @Argument(help: "The recording.", completion: .file())
        var recording: String

        @OptionGroup var published: RootArgument

        @Option(help: ArgumentHelp("Certificates of time-stamping authorities, PEM.", valueName: "file"))
        var ca: String?

        @Option(help: "Largest chance of a false accusation to take; the package's own threshold counts too.")
        var threshold = 1e-9

        @Flag(help: "Check a package that no commitment covers: nothing shows then whose seed it is.")
        var uncommitted = false

        @OptionGroup var json: JSONFlag

        func run() throws {
            let bytes = try SmallFile.read(package, maximumByteCount: EvidencePackage.maximumByteCount)
            let package = try EvidencePackage(bytes)
            let check = try EvidenceCheck(
                package, recording: recording,
                .init(
                    root: published.root, authorities: ca, log10Threshold: min(log10(threshold), -3),
                    takesUncommitted: uncommitted), worker: Earmark.decoders)
            try json.print(["evidence": check, "reveals": package.reveals], human: check.text)
            if !check.holds { throw ExitCode(ExitStatus.invalidInput.rawValue) }
        }
    }
}
