import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import Foundation

extension DeviceStep: ExpressibleByArgument {}

/// The command `earmark provision batch`.
struct ProvisionBatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Make what a list of devices needs, from secrets to lines to paste.",
        discussion: """
            The list is comma-separated values with a header. Columns: name, action; secret and new_secret (a path or \
            env:NAME); bundle (certificate, issuers and key); key, where the bundle has none; request, common_name and \
            alternative_names (DNS:... IP:... email:... URI:..., with spaces) for requests; fingerprint, to be \
            compared; device, its identifier in the cloud. Paths are relative to the list's folder.

            An action is one of generate (makes the file of 'secret'), request (makes 'key' and 'request'), first \
            (the line with the first secret, in clear), populate, rotate (populate with a new secret, made in \
            'new_secret'), reset, add, activate, deactivate, or several of them with spaces between them. --steps does \
            only some of the list: first generate and request, and the rest once certificates are there.

              name,action,secret,key,request,bundle
              room1,generate request first add activate,r1.secret,r1.key,r1.csr,r1.crt

            Everything is read and compared before anything is sealed. A step that fails stops the later ones of its \
            device and harms no other; its reason is in the result. Envelopes become NAME.ACTION.jwe in the output \
            folder. With --paste-dir each device of which nothing failed has a file with all that it must get, in its \
            order. A run that was interrupted is simply started again: what is there already is opened and compared, \
            not made twice. Results go to standard output as comma-separated values. The status is 46 if a step failed.

              earmark provision batch devices.csv --out-dir envelopes \\
                --steps generate,request
              earmark provision batch devices.csv --out-dir envelopes --roots ca.pem \\
                --paste-dir paste --steps first,add,activate > results.csv
            """)

    @Argument(help: ArgumentHelp("The list of devices.", valueName: "list"), completion: .file())
    var list: String

    @Option(help: ArgumentHelp("Folder for the envelopes; made if missing.", valueName: "folder"))
    var outDir: String

    @Option(help: ArgumentHelp("Folder for files of lines to paste, one for each device.", valueName: "folder"))
    var pasteDir: String?

    @Option(help: ArgumentHelp("Form of those lines: terminal, json-rpc, rest or putxml.", valueName: "form"))
    var form = CommandForm.terminal

    @Option(help: ArgumentHelp("Do only these steps of the list, with commas between them.", valueName: "steps"))
    var steps: String?

    @Option(help: ArgumentHelp("PEM file with the authorities to trust.", valueName: "file"), completion: .file())
    var roots: String?

    @Option(help: "Encryption of the envelopes: A256GCM or A128GCM.")
    var cipher = ContentCipher.a256GCM

    @Flag(help: "Let several devices have one certificate, against the vendor's advice.")
    var allowShared = false

    @OptionGroup var purpose: PurposeFlag

    @Flag(help: "Drop one line break at the end of secrets from files.")
    var stripNewline = false

    @Option(help: ArgumentHelp("Devices at a time; as many as there are cores by default.", valueName: "number"))
    var jobs: Int?

    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs takes 1 or more.") }
        if pasteDir == nil, form != .terminal { throw ValidationError("--form needs --paste-dir.") }
        _ = try chosenSteps()
    }

    private func chosenSteps() throws -> Set<DeviceStep>? {
        guard let steps else { return nil }
        return Set(
            try steps.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let step = DeviceStep(rawValue: String(word)) else {
                    throw ValidationError("--steps takes some of \(DeviceStep.names), with commas between them.")
                }
                return step
            })
    }

    private func options() throws -> DeviceBatch.Options {
        var options = DeviceBatch.Options()
        options.roots = try roots.map(TrustedRoots.init(path:))
        options.cipher = cipher
        options.allowsShared = allowShared
        options.policy = purpose.policy
        options.stripNewline = stripNewline
        options.steps = try chosenSteps()
        if let jobs { options.jobs = jobs }
        if let pasteDir {
            // Lines may hold secrets in clear.
            try FilePath.makeFolders(pasteDir, mode: 0o700)
            options.paste = PasteFiles(folder: pasteDir, form: form)
        }
        return options
    }

    func run() async throws {
        HostProcess.forbidDumps()
        let rows = try DeviceList(path: list).rows
        let options = try options()
        try FilePath.makeFolders(outDir, mode: 0o777)
        let batch = DeviceBatch(folder: outDir, options: options)
        let progress = Progress("sealing", total: Double(rows.count), unit: "devices")
        var done: Set<Int> = []
        let results = try await batch.run(rows) { result in
            done.insert(result.row)
            progress.update(Double(done.count))
            guard result.status == .failed, let code = result.code, let message = result.message else { return }
            Output.error("row \(result.row), '\(result.name)': \(code): \(message)")
        }
        progress.finish()
        guard !results.isEmpty else {
            let what = rows.isEmpty ? "has no row below its header" : "has none of the steps that --steps names"
            throw CommandError(.invalidInput, "nothing was done: the list '\(list)' \(what)")
        }
        note(results)
        if json.isOn {
            try Output.json(["devices": results])
        } else {
            try Output.result(Data(DeviceResult.csv(results).utf8))
        }
        if results.contains(where: { $0.status == .failed }) { throw ExitCode(ExitStatus.rowsFailed.rawValue) }
    }

    /// Says what is unwise about several rows once, with the rows.
    private func note(_ results: [DeviceResult]) {
        var rows: [String: [Int]] = [:]
        for result in results {
            for warning in result.warnings where rows[warning]?.last != result.row {
                rows[warning, default: []].append(result.row)
            }
        }
        for (warning, numbers) in rows.sorted(by: { $0.key < $1.key }) {
            let named = numbers.prefix(ProvisionBatch.namedRowCount).map(String.init).joined(separator: ", ")
            let more = numbers.count > ProvisionBatch.namedRowCount ? " and \(numbers.count) in all" : ""
            Output.message("earmark: note: \(warning): rows \(named)\(more)")
        }
    }

    /// Rows that a note names.
    private static let namedRowCount = 10
}
