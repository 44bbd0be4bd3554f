public import ArgumentParser
import EarmarkConsole
import EarmarkFiles
public import EarmarkProvisioning
import Foundation

extension ContentCipher: ExpressibleByArgument {}
extension ProvisioningAction: ExpressibleByArgument {}
extension CommandForm: ExpressibleByArgument {}

/// In which form an envelope is printed.
struct EnvelopeOutput: ParsableArguments {
    @Flag(help: "Print just the envelope, without a line break.")
    var raw = false

    @Option(help: ArgumentHelp("Form of the command: terminal, json-rpc, rest or putxml.", valueName: "form"))
    var form = CommandForm.terminal

    @Option(help: ArgumentHelp("The device's identifier in the cloud, for --form rest.", valueName: "id"))
    var device: String?

    @Option(help: "Encryption of the envelope: A256GCM or A128GCM.")
    var cipher = ContentCipher.a256GCM

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this new file, mode 0600, instead of standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        if raw, json.isOn { throw ValidationError("Give --raw or --json, not both.") }
    }

    /// Seals and prints.
    ///
    /// Nothing is printed before all is known to be well.
    func seal(_ payload: SecretBytes, for action: ProvisioningAction, with secret: ClientSecret) throws {
        let envelope = try Envelope.seal(action: action, payload: payload, secret: secret, cipher: cipher)
        try print(envelope, for: action)
    }

    /// Warns where a command for the cloud does not say for which device it is.
    static func warn(_ form: CommandForm, _ device: String?) {
        guard form == .rest, device == nil else { return }
        Output.warning("without --device the commands name no device: put its identifier in place of DEVICE_ID")
    }

    private func print(_ envelope: String, for action: ProvisioningAction) throws {
        let command = DeviceCommand(envelope: envelope, action: action)
        let text: Data
        if json.isOn {
            text = try Output.encoded(["envelope": EnvelopeSummary(try Envelope.inspect(envelope), text: envelope)])
        } else if raw {
            // A person's terminal wants a line of its own; a program wants the envelope.
            let isTerminal = output == nil && isatty(STDOUT_FILENO) == 1
            text = Data((envelope + (isTerminal ? "\n" : "")).utf8)
        } else {
            EnvelopeOutput.warn(form, device)
            text = Data(try form.text(command, device: device).utf8)
        }
        guard let output else { return try Output.result(text) }
        try PrivateFile.create(output, bytes: [UInt8](text))
    }
}
