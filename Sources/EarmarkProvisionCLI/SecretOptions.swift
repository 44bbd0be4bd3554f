import ArgumentParser
import EarmarkConsole
import EarmarkProvisioning
import Foundation

/// Where a command gets a device's client secret from.
struct SecretOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with the client secret, byte for byte; - is standard input.",
            discussion: "Without it and --secret-env the terminal asks.", valueName: "file"),
        completion: .file())
    var secretFile: String?

    @Option(help: ArgumentHelp("Environment variable with the client secret.", valueName: "name"))
    var secretEnv: String?

    @Flag(help: "Drop one line break at the end of secrets from files.")
    var stripNewline = false

    /// What the terminal asks for.
    static let prompt = "Client secret"

    /// The secret of a device.
    func read() throws -> ClientSecret {
        try SecretOptions.read(secretFile, secretEnv, Self.prompt, isNew: false, stripNewline: stripNewline)
    }

    /// The secret of a device, about to seal: says what is unwise about it.
    func readForSealing() throws -> ClientSecret {
        let secret = try read()
        SecretOptions.warn(secret, "client secret", secretFile)
        return secret
    }

    /// Whether standard input is taken.
    var usesStandardInput: Bool { secretFile == ByteInput.standardInput }

    mutating func validate() throws { try SecretOptions.validate(secretFile, secretEnv, "--secret") }

    static func validate(_ file: String?, _ variable: String?, _ prefix: String) throws {
        if file != nil, variable != nil { throw ValidationError("Give \(prefix)-file or \(prefix)-env, not both.") }
        if file?.isEmpty == true || variable?.isEmpty == true {
            throw ValidationError("\(prefix)-file and \(prefix)-env need a name.")
        }
    }

    static func read(
        _ file: String?, _ variable: String?, _ prompt: String, isNew: Bool, stripNewline: Bool
    ) throws -> ClientSecret {
        if let variable { return try SecretIntake.environment(variable) }
        guard let file else { return try SecretPrompt.secret(prompt, isNew: isNew) }
        let secret = try SecretIntake.file(file)
        guard stripNewline, secret.endsWithNewline else { return secret }
        Output.message("earmark: note: dropped the line break at the end of '\(file)'")
        return secret.withoutFinalNewline
    }

    static func warn(_ secret: ClientSecret, _ name: String, _ file: String?) {
        var advice = secret.advice
        if let file, SecretIntake.isReadableByOthers(file) { advice.append(.readableByOthers) }
        for advice in advice { Output.warning("\(name): \(advice.text)") }
    }
}

/// Where a command gets the MLS exporter secret of a meeting from.
struct ExporterSecretOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with the MLS exporter secret, byte for byte; - is standard input.",
            discussion: "Without it and --secret-env the terminal asks.", valueName: "file"),
        completion: .file())
    var secretFile: String?

    @Option(help: ArgumentHelp("Environment variable with the MLS exporter secret.", valueName: "name"))
    var secretEnv: String?

    @Flag(help: "Drop one line break at the end of the secret's file.")
    var stripNewline = false

    /// The exporter secret.
    func read() throws -> SecretBytes {
        try SecretOptions.read(secretFile, secretEnv, "Exporter secret", isNew: false, stripNewline: stripNewline).bytes
    }

    mutating func validate() throws { try SecretOptions.validate(secretFile, secretEnv, "--secret") }
}

/// Where a command gets the secret that a device shall have from then on.
struct NewSecretOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with the new secret, byte for byte.",
            discussion: "Without it and --new-secret-env the terminal asks, twice.", valueName: "file"),
        completion: .file())
    var newSecretFile: String?

    @Option(help: ArgumentHelp("Environment variable with the new secret.", valueName: "name"))
    var newSecretEnv: String?

    /// The new secret, which must not be empty: that would be a reset.
    func read(stripNewline: Bool) throws -> ClientSecret {
        let secret = try SecretOptions.read(
            newSecretFile, newSecretEnv, "New secret", isNew: true, stripNewline: stripNewline)
        guard !secret.bytes.isEmpty else {
            throw ProvisioningError(
                .emptySecret, "the new secret is empty; to take a secret away use 'provision reset'")
        }
        SecretOptions.warn(secret, "new secret", newSecretFile)
        return secret
    }

    mutating func validate() throws { try SecretOptions.validate(newSecretFile, newSecretEnv, "--new-secret") }
}

extension Output {
    /// Prints a warning to standard error.
    static func warning(_ text: String) { message("earmark: warning: \(text)") }
}
