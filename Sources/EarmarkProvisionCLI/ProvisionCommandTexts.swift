public import ArgumentParser
import EarmarkConsole
import EarmarkFiles
public import EarmarkProvisioning
import Foundation

/// The command `earmark provision commands`.
struct ProvisionCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commands", abstract: "Print the lines to paste at devices.",
        discussion: """
            Takes envelopes that were written with --raw or by 'provision batch': files, or folders of which every \
            *.jwe is taken, for each device in the order in which it takes them. For several envelopes, a line \
            '== NAME ==' stands before each; it is not pasted.

              earmark provision commands room1.jwe
              earmark provision commands envelopes --form json-rpc
              earmark provision commands --show
              earmark provision commands --preferred-domain example.com
            """)

    @Argument(
        help: ArgumentHelp("Files or folders of envelopes; - is standard input.", valueName: "path"),
        completion: .file())
    var paths: [String] = []

    @Option(help: ArgumentHelp("Form of the command: terminal, json-rpc, rest or putxml.", valueName: "form"))
    var form = CommandForm.terminal

    @Option(help: ArgumentHelp("The device's identifier in the cloud, for --form rest.", valueName: "id"))
    var device: String?

    @Flag(help: "Print the command that lists the stored certificates.")
    var show = false

    @Option(
        help: ArgumentHelp("Print the command that removes the certificate with this fingerprint.", valueName: "hex"))
    var delete: String?

    @Option(
        help: ArgumentHelp(
            "Print the line that chooses the domain of the identity that the vendor issues.", valueName: "domain"))
    var preferredDomain: String?

    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        if paths.isEmpty, !show, delete == nil, preferredDomain == nil {
            throw ValidationError("Name envelopes, or give --show, --delete or --preferred-domain.")
        }
    }

    /// An envelope's command for a device.
    struct Entry: Encodable {
        let name: String
        let envelope: EnvelopeSummary
    }

    func run() throws {
        let entries = try EnvelopeFile.expand(paths).map { path in
            let text = try EnvelopeFile.read(path)
            do {
                return Entry(
                    name: FilePath.lastPart(path),
                    envelope: EnvelopeSummary(try Envelope.inspect(text), text: text))
            } catch let error as ProvisioningError {
                throw CommandError(error.exitStatus, "'\(path)': \(error.description)")
            }
        }
        if json.isOn { return try Output.json(["commands": entries]) }
        EnvelopeOutput.warn(form, device)
        var texts: [String] = []
        for entry in entries {
            guard let text = entry.envelope.text, let action = ProvisioningAction(rawValue: entry.envelope.action)
            else {
                continue
            }
            let lines = try form.text(DeviceCommand(envelope: text, action: action), device: device)
            texts.append(entries.count > 1 ? "== \(entry.name) ==\n\(lines)" : lines)
        }
        if show { texts.append(try form.text(.show, device: device)) }
        if let delete { texts.append(try form.text(.delete(try CertificateFingerprint(delete)), device: device)) }
        if let preferredDomain { texts.append(try DeviceCommand.preferredDomain(preferredDomain)) }
        try Output.result(texts.joined(separator: "\n"))
    }
}

/// The command `earmark provision security-code`.
struct ProvisionSecurityCode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "security-code", abstract: "Compute a meeting's security code from its MLS exporter secret.",
        discussion: """
            Six groups of five digits. Everybody whose client computes it so sees the same code in the same epoch; it \
            changes at every join and leave and at every update of keys. It is not the code that the vendor's clients \
            show, whose derivation is not published. It says who shares the epoch's keys, not who they are.

              earmark provision security-code --secret-file exporter.bin \\
                --group-id 726f6f6d2031 --epoch 7
              earmark provision security-code --secret-file exporter.bin \\
                --group-id 726f6f6d2031 --epoch 7 \\
                --compare "49340 29352 90696 93473 65728 94387"
            """)

    @OptionGroup var secret: ExporterSecretOptions

    @Option(help: "Hash of the group's cipher suite: SHA-256, SHA-384 or SHA-512.")
    var hash = SecurityCode.HashFunction.sha256

    @Option(help: ArgumentHelp("The group's identifier in hexadecimal.", valueName: "hex"))
    var groupId: String

    @Option(help: ArgumentHelp("The epoch's number.", valueName: "number"))
    var epoch: UInt64

    @Flag(help: "The secret is in hexadecimal.")
    var hex = false

    @Option(help: ArgumentHelp("Compare with this code; differing ends with status 40.", valueName: "code"))
    var compare: String?

    @OptionGroup var json: JSONFlag

    func run() throws {
        let group = try SecurityCodeInput.bytes(hexadecimal: SecretBytes(groupId.utf8), "the group identifier")
        var exporter = try secret.read()
        if hex { exporter = try SecurityCodeInput.bytes(hexadecimal: exporter, "the exporter secret") }
        let code = try SecurityCode(
            hash: hash, exporterSecret: exporter, groupID: group.withUnsafeBytes { Array($0) }, epoch: epoch)
        let matches = compare.map(code.matches)
        try json.print(["code": code.description, "matches": matches], human: code.description)
        if matches == false {
            Output.error("the codes differ: the two sides are not in the same epoch of the same meeting")
            throw ExitCode(ExitStatus.codesDiffer.rawValue)
        }
    }
}

extension SecurityCode.HashFunction: ExpressibleByArgument {}
