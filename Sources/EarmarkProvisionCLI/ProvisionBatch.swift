import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import Foundation

/// The command `earmark provision batch`.
struct ProvisionBatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Seal the envelopes of a list of devices.",
        discussion: """
            The list is comma-separated values with a header: name, action (add, populate, activate, deactivate), \
            secret (a path or env:NAME), bundle (for add, activate, deactivate) and new_secret (for populate). Paths \
            are relative to the list's folder.

            Each row is done for itself: one that fails harms no other, and its reason is in the result. Envelopes \
            become NAME.ACTION.jwe in the output folder. A run that was interrupted is simply started again: \
            envelopes that are there already are opened and compared, not sealed twice. Results go to standard output \
            as comma-separated values. The status is 46 if a row failed.

              earmark provision batch devices.csv --out-dir envelopes --roots ca.pem > results.csv
              earmark provision commands envelopes
            """)

    @Argument(help: ArgumentHelp("The list of devices.", valueName: "list"), completion: .file())
    var list: String

    @Option(help: ArgumentHelp("Folder for the envelopes; made if missing.", valueName: "folder"))
    var outDir: String

    @Option(help: ArgumentHelp("PEM file with the authorities to trust.", valueName: "file"), completion: .file())
    var roots: String?

    @Option(help: "Encryption of the envelopes: A256GCM or A128GCM.")
    var cipher = ContentCipher.a256GCM

    @Flag(help: "Let several devices have one certificate, against the vendor's advice.")
    var allowShared = false

    @Flag(help: "Drop one line break at the end of secrets from files.")
    var stripNewline = false

    @OptionGroup var json: JSONFlag

    func run() async throws {
        HostProcess.forbidDumps()
        let rows = try DeviceList(path: list).rows
        let roots = try roots.map { path in
            try TrustedRoots(pem: try CertificateFile.read(path))
        }
        try FilePath.makeFolders(outDir, mode: 0o777)
        let batch = DeviceBatch(
            folder: outDir, roots: roots, cipher: cipher, allowsShared: allowShared, stripNewline: stripNewline)
        let progress = Progress("sealing", total: Double(rows.count), unit: "devices")
        var done = 0
        let results = await batch.run(rows) { result in
            done += 1
            progress.update(Double(done))
            guard let code = result.code, let message = result.message else { return }
            Output.error("row \(result.row), '\(result.name)': \(code): \(message)")
        }
        progress.finish()
        if json.isOn {
            try Output.json(["devices": results])
        } else {
            try Output.result(Data(DeviceResult.csv(results).utf8))
        }
        if results.contains(where: { $0.status == .failed }) { throw ExitCode(ExitStatus.rowsFailed.rawValue) }
    }
}
