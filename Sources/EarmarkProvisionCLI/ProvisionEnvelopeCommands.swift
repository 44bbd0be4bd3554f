import ArgumentParser
import EarmarkConsole
import EarmarkProvisioning
import Foundation

/// The command `earmark provision inspect`.
struct ProvisionInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what an envelope says of itself; needs no secret.",
        discussion: """
            Makes every check that needs no secret. What is shown is proven only by opening.

              earmark provision inspect envelope.jwe
            """)

    @Argument(help: "File with the envelope; - is standard input.", completion: .file())
    var file: String

    @OptionGroup var json: JSONFlag

    func run() throws {
        let view = EnvelopeSummary(try Envelope.inspect(try EnvelopeFile.read(file)))
        try json.print(["envelope": view], human: view.human)
    }
}

/// An envelope and the secret that opens it.
struct OpeningOptions: ParsableArguments {
    @Argument(help: "File with the envelope; - is standard input.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "Refuse an envelope for another action: populate, add, activate or deactivate.", valueName: "action"))
    var expect: ProvisioningAction?

    @OptionGroup var secret: SecretOptions

    mutating func validate() throws {
        if file == ByteInput.standardInput, secret.usesStandardInput {
            throw ValidationError("Only one of the envelope and the secret can come from standard input.")
        }
    }

    /// The action and payload of the envelope.
    func open() throws -> (action: ProvisioningAction, payload: SecretBytes) {
        let secret = try secret.read()
        let text = try EnvelopeFile.read(file)
        do {
            let payload = try Envelope.open(text, secret: secret, expecting: expect)
            return (try Envelope.inspect(text).action, payload)
        } catch {
            throw explained(error, secret)
        }
    }

    /// Names the likeliest reason why an envelope does not open.
    private func explained(_ error: ProvisioningError, _ secret: ClientSecret) -> ProvisioningError {
        guard error.code == .authenticationFailed, secret.endsWithNewline else { return error }
        return ProvisioningError(
            error.code, error.message + "; the secret ends with a line break: try --strip-newline")
    }
}

/// The command `earmark provision open`.
struct ProvisionOpen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Open an envelope and print what it carries, byte for byte.",
        discussion: """
            What comes out may be a secret or a private key. It is not judged; 'provision verify' does that.

              earmark provision open envelope.jwe --secret-file room1.secret \\
                --expect add > bundle.pem
            """)

    @OptionGroup var opening: OpeningOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this new file, mode 0600, instead of standard output.", valueName: "file"))
    var output: String?

    func run() throws {
        let payload = try opening.open().payload
        guard let output else { return try payload.withUnsafeBytes { try SecretOutput.write($0) } }
        try SecretOutput.write(payload, to: output)
    }
}

/// The command `earmark provision verify`.
struct ProvisionVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Open an envelope and judge what it carries, without showing secrets.",
        discussion: """
            The exit status is 41 or 42 if it does not open, 43 if it opens but its payload is not what its action \
            means.

              earmark provision verify envelope.jwe --secret-file room1.secret
            """)

    @OptionGroup var opening: OpeningOptions
    @OptionGroup var json: JSONFlag

    func run() throws {
        let (action, bytes) = try opening.open()
        let payload: Payload
        do {
            payload = try Payload(bytes, of: action)
        } catch {
            Output.error("the envelope opens, but its payload is refused: \(error.description)")
            throw ExitCode(ExitStatus.payloadRefused.rawValue)
        }
        let view = PayloadSummary(payload, action: action, byteCount: bytes.count, at: Date())
        try json.print(["payload": view], human: view.human)
    }
}
