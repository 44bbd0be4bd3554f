import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import Foundation

/// The command `earmark provision simulate`.
struct ProvisionSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Play a device: take the lines that one would paste, and answer.",
        discussion: """
            Understands 'xCommand Security ClientSecret Populate', 'xCommand Security Certificates Services Add, \
            Activate, Deactivate, Delete and Show', and 'xStatus Conference EndToEndEncryption'. It behaves as devices \
            are documented to; docs/provisioning.md says what is not documented. It gives reasons that real devices \
            keep to themselves. The status is 47 if it refused anything.

            With --state the device remembers, so that a run can be rehearsed step by step. The file holds its secret \
            and keys: it gets mode 0600, and has no place in a real installation.

              earmark provision populate --first --new-secret-file room1.secret \\
                | earmark provision simulate --state room1.device
              earmark provision add room1.pem --secret-file room1.secret \\
                | earmark provision simulate --state room1.device
            """)

    @Argument(
        help: ArgumentHelp("Files with lines for the device; standard input by default.", valueName: "file"),
        completion: .file())
    var files: [String] = ["-"]

    @Option(help: ArgumentHelp("File in which the device remembers; made if missing.", valueName: "file"))
    var state: String?

    @Option(help: ArgumentHelp("What time the device takes it to be; now by default.", valueName: "time"))
    var at: TimeArgument?

    func run() throws {
        HostProcess.forbidDumps()
        let date = at.map { Date(timeIntervalSince1970: Double($0.time.seconds)) } ?? Date()
        var terminal = DeviceTerminal(try state.map(DeviceFile.read) ?? DeviceSimulator(), at: date)
        for file in files {
            for line in try DeviceFile.lines(file) {
                let answer = terminal.take(line)
                if !answer.isEmpty { try Output.result(answer) }
            }
        }
        if let state { try DeviceFile.write(terminal.device, to: state) }
        if terminal.isInBody { throw CommandError(.invalidInput, "the text ends before the dot that closes a command") }
        for refusal in terminal.refusals { Output.error(refusal.description) }
        if !terminal.refusals.isEmpty { throw ExitCode(ExitStatus.deviceRefused.rawValue) }
    }
}
