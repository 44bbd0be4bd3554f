public import ArgumentParser
import EarmarkFiles
public import EarmarkProvisioning
import EarmarkReport
import EarmarkStore
import Foundation

extension ContentCipher: ExpressibleByArgument {}
extension ProvisioningAction: ExpressibleByArgument {}

/// Ways of handing a command to a device.
enum CommandForm: String, CaseIterable, ExpressibleByArgument {
    /// Lines to paste at the device's terminal.
    case terminal
    /// JSON-RPC 2.0, as jsxapi speaks it over a WebSocket.
    case jsonRPC = "json-rpc"
    /// The body of `POST /v1/xapi/command/NAME` at the cloud.
    case rest
    /// The body of `POST /putxml` at the device.
    case putxml

    /// The text of `command` in this form, with its line end.
    func text(_ command: DeviceCommand, device: String?) throws -> String {
        switch self {
        case .terminal: return command.terminal
        case .putxml: return command.xml
        case .jsonRPC:
            return try compact(
                RemoteCall(method: command.method, params: .init(uniqueKeysWithValues: command.remoteParameters)))
        case .rest:
            return "POST /v1/xapi/command/\(command.cloudName)\n"
                + (try compact(
                    CloudCall(
                        deviceId: device ?? "DEVICE_ID",
                        arguments: .init(uniqueKeysWithValues: command.parameters.map { ($0.name, $0.value) }),
                        body: command.body)))
        }
    }

    private struct RemoteCall: Encodable {
        let jsonrpc = "2.0"
        let id = 1
        let method: String
        let params: [String: String]
    }

    private struct CloudCall: Encodable {
        let deviceId: String
        let arguments: [String: String]
        let body: String?
    }

    private func compact(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}

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

    private func print(_ envelope: String, for action: ProvisioningAction) throws {
        let command = DeviceCommand(envelope: envelope, action: action)
        let text: Data
        if json.isOn {
            text = try Output.encoded(["envelope": EnvelopeView(try Envelope.inspect(envelope), text: envelope)])
        } else if raw {
            // A person's terminal wants a line of its own; a program wants the envelope.
            let isTerminal = output == nil && isatty(STDOUT_FILENO) == 1
            text = Data((envelope + (isTerminal ? "\n" : "")).utf8)
        } else {
            text = Data(try form.text(command, device: device).utf8)
        }
        guard let output else { return try Output.result(text) }
        try PrivateFile.create(output, bytes: [UInt8](text))
    }
}

/// What an envelope says of itself, as JSON.
struct EnvelopeView: Encodable {
    struct Command: Encodable {
        let terminal: String
        let method: String
        let params: [String: String]
    }

    let action: String
    let cipher: String
    let saltBytes: Int
    let salt: String
    let payloadBytes: Int
    let header: String
    let text: String?
    let command: Command?

    init(_ facts: Envelope.Facts, text: String? = nil) {
        action = facts.action.rawValue
        cipher = facts.cipher.rawValue
        saltBytes = facts.salt.count
        salt = Hexadecimal.text(facts.salt)
        payloadBytes = facts.payloadByteCount
        header = facts.header
        self.text = text
        command = text.map { text in
            let command = DeviceCommand(envelope: text, action: facts.action)
            return Command(
                terminal: command.terminal, method: command.method,
                params: .init(uniqueKeysWithValues: command.remoteParameters))
        }
    }

    /// The facts for people.
    var human: String {
        Table.list([
            "action": action, "encryption": cipher, "salt": "\(saltBytes) bytes, \(salt)",
            "payload": "\(payloadBytes) bytes", "header": header,
        ])
    }
}
