import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import Foundation

/// The command `earmark provision secret`.
struct ProvisionSecret: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Make client secrets.", subcommands: [Generate.self])

    /// The command `earmark provision secret generate`.
    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a random client secret of 32 characters, 192 bits.",
            discussion: """
                The file gets mode 0600, no line break, and is never overwritten. Keep it: a device never shows its \
                secret, and one that is forgotten takes a factory reset.

                  earmark provision secret generate -o room1.secret
                """)

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Where to write the secret; without it, standard output.", valueName: "file"))
        var output: String?

        func run() throws {
            HostProcess.forbidDumps()
            try SecretOutput.write(ClientSecret.generate().bytes, to: output)
        }
    }
}

/// Writes secret bytes as they are.
enum SecretOutput {
    /// Writes to a new file of mode 0600, or to standard output if `path` is nil; there a terminal gets a line break.
    static func write(_ bytes: SecretBytes, to path: String?) throws {
        if let path {
            try PrivateFile.create(path, bytes: bytes.withUnsafeBytes { Array($0) })
            return
        }
        try bytes.withUnsafeBytes { try write($0) }
        if isatty(STDOUT_FILENO) == 1 { try Output.result(Data("\n".utf8)) }
    }

    /// Writes to standard output without keeping a copy.
    static func write(_ bytes: UnsafeRawBufferPointer) throws(CommandError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = Foundation.write(STDOUT_FILENO, part.baseAddress, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandError(.inputOutput, "cannot write the result: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// The command `earmark provision populate`.
struct ProvisionPopulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "populate", abstract: "Set a device's client secret, or change it.",
        discussion: """
            With the old and the new secret this seals the new one with the old one. With --first it prints the \
            command that gives a device its first secret; that one is in clear, so type it at the device's own console \
            and change it once more if anybody could see it.

              earmark provision populate --first --new-secret-file room1.secret
              earmark provision populate --secret-file room1.secret \\
                --new-secret-file room1.new
              earmark provision populate --secret-file room1.secret \\
                --new-secret-file room1.new --raw
            """)

    /// How the new secret stands in the payload.
    enum PayloadEncoding: String, ExpressibleByArgument, CaseIterable {
        case raw, base64url
    }

    @Flag(help: "Print the command for a device that has no secret yet.")
    var first = false

    @Option(
        help: ArgumentHelp(
            "How the new secret stands in the envelope: raw (its bytes) or base64url.",
            discussion: "The vendor's guide calls the payload the new secret; base64url is for devices that disagree.",
            valueName: "encoding"))
    var payloadEncoding = PayloadEncoding.raw

    @OptionGroup var secret: SecretOptions
    @OptionGroup var newSecret: NewSecretOptions
    @OptionGroup var output: EnvelopeOutput

    mutating func validate() throws {
        guard first else { return }
        if secret.secretFile != nil || secret.secretEnv != nil {
            throw ValidationError("--first takes the new secret only: there is no old one.")
        }
        if output.raw || output.json.isOn || output.form != .terminal {
            throw ValidationError("--first prints a line for the terminal, there is no envelope.")
        }
    }

    func run() throws {
        if first {
            let secret = try newSecret.read(stripNewline: secret.stripNewline)
            Output.message(
                "earmark: note: this line holds the secret in clear; use it at the device's own console only")
            return try SecretOutput.write(DeviceCommand.firstUse(secret), to: output.output)
        }
        let old = try secret.readForSealing()
        let new = try newSecret.read(stripNewline: secret.stripNewline)
        if new == old { Output.warning("the new secret is the old one") }
        try output.seal(payloadEncoding == .raw ? new.bytes : new.firstUseText, for: .populate, with: old)
    }
}

/// The command `earmark provision rotate`.
struct ProvisionRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Replace a device's client secret by a random one.",
        discussion: """
            The new secret is in its file, mode 0600, before the envelope is printed. Keep the old one until the \
            device has taken the envelope.

              earmark provision rotate --secret-file room1.secret \\
                --new-secret-out room1.new
            """)

    @Option(help: ArgumentHelp("Where to write the new secret; never overwritten.", valueName: "file"))
    var newSecretOut: String

    @OptionGroup var secret: SecretOptions
    @OptionGroup var output: EnvelopeOutput

    func run() throws {
        let old = try secret.readForSealing()
        try old.requireBytes()
        let new = ClientSecret.generate()
        try SecretOutput.write(new.bytes, to: newSecretOut)
        try output.seal(new.bytes, for: .populate, with: old)
    }
}

/// The command `earmark provision reset`.
struct ProvisionReset: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Take a device's client secret away.",
        discussion: """
            Seals an empty payload. Which state a device is in afterwards is not documented: do not count on it taking \
            a secret in clear again.

              earmark provision reset --secret-file room1.secret
            """)

    @OptionGroup var secret: SecretOptions
    @OptionGroup var output: EnvelopeOutput

    func run() throws {
        try output.seal(SecretBytes([]), for: .populate, with: try secret.readForSealing())
    }
}
