import ArgumentParser
import EarmarkFiles
import EarmarkProvisioning
import EarmarkStore
import Foundation

/// The command `earmark provision simulate`.
struct ProvisionSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Play a device: take the lines that one would paste, and answer.",
        discussion: """
            Understands 'xCommand Security ClientSecret Populate', 'xCommand Security Certificates Services Add, \
            Activate, Deactivate, Delete and Show', and 'xStatus Conference EndToEndEncryption'. It behaves as devices \
            are \
            documented to; docs/provisioning.md says what is not documented. It gives reasons that real devices keep \
            to \
            themselves. The status is 47 if it refused anything.

            With --state the device remembers, so that a run can be rehearsed step by step. The file holds its secret \
            and keys: it gets mode 0600, and has no place in a real installation.

              earmark provision populate --first --new-secret-file room1.secret | earmark provision simulate --state \
            room1.device
              earmark provision add room1.pem --secret-file room1.secret | earmark provision simulate --state \
            room1.device
            """)

    @Argument(
        help: ArgumentHelp("Files with lines for the device; standard input by default.", valueName: "file"),
        completion: .file())
    var files: [String] = ["-"]

    @Option(help: ArgumentHelp("File in which the device remembers; made if missing.", valueName: "file"))
    var state: String?

    @Option(help: ArgumentHelp("What time the device takes it to be; now by default.", valueName: "time"))
    var at: TimeArgument?

    /// Longest text for a device, in bytes: a few of the longest envelopes.
    private static let maximumByteCount = 32 << 20

    func run() throws {
        HostProcess.forbidDumps()
        let date = at.map { Date(timeIntervalSince1970: Double($0.seconds)) } ?? Date()
        var terminal = DeviceTerminal(try loaded(), at: date)
        for file in files {
            let text = try ByteInput.read(file, maximumByteCount: ProvisionSimulate.maximumByteCount)
            for line in ProvisionSimulate.lines(text) {
                let answer = terminal.take(line)
                if !answer.isEmpty { try Output.result(answer) }
            }
        }
        try save(terminal.device)
        if terminal.isInBody { throw CommandError(.invalidInput, "the text ends before the dot that closes a command") }
        for refusal in terminal.refusals { Output.error(refusal.description) }
        if !terminal.refusals.isEmpty { throw ExitCode(ExitStatus.deviceRefused.rawValue) }
    }

    private static func lines(_ text: SecretBytes) -> [SecretBytes] {
        text.withUnsafeBytes { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).map { line in
                let end = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
                return SecretBytes(copying: UnsafeRawBufferPointer(rebasing: end))
            }
        }
    }

    private func loaded() throws -> DeviceSimulator {
        guard let state, PrivateFile.exists(state) else { return DeviceSimulator() }
        let text = try ByteInput.read(state, maximumByteCount: ProvisionSimulate.maximumByteCount)
        do {
            return try text.withUnsafeBytes {
                try JSONDecoder().decode(DeviceState.self, from: Data($0)).device()
            }
        } catch {
            throw CommandError(.invalidInput, "'\(state)' is not the state of a simulated device")
        }
    }

    private func save(_ device: DeviceSimulator) throws {
        guard let state else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try PrivateFile.replace(state, bytes: [UInt8](try encoder.encode(DeviceState(device))))
    }
}
