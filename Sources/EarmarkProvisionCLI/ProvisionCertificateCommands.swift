import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import Foundation

/// The command `earmark provision csr`.
struct ProvisionCSR: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "csr", abstract: "Make a key and a request for a device's certificate.",
        discussion: """
            The key is on P-256, as devices want it, and written to a new file of mode 0600. The request goes to a \
            certificate authority. Others in a meeting see the common name first.

              earmark provision csr --cn "Room 1" --dns room1.example.com \\
                --key-out room1.key -o room1.csr
            """)

    @Option(name: .customLong("cn"), help: ArgumentHelp("The common name.", valueName: "name"))
    var commonName: String

    @Option(help: ArgumentHelp("A DNS name; may be repeated.", valueName: "name"))
    var dns: [String] = []

    @Option(help: ArgumentHelp("A mail address; may be repeated.", valueName: "address"))
    var email: [String] = []

    @Option(help: ArgumentHelp("A URI; may be repeated.", valueName: "uri"))
    var uri: [String] = []

    @Option(help: ArgumentHelp("An IP address; may be repeated.", valueName: "address"))
    var ip: [String] = []

    @Option(help: ArgumentHelp("Where to write the private key; never overwritten.", valueName: "file"))
    var keyOut: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write the request; without it, standard output.", valueName: "file"))
    var output: String?

    func run() throws {
        HostProcess.forbidDumps()
        let names: [SigningRequest.AlternativeName] =
            dns.map { .dns($0) } + email.map { .email($0) } + uri.map { .uri($0) } + ip.map { .ip($0) }
        let request = try SigningRequest(commonName: commonName, alternativeNames: names)
        if let output, PrivateFile.exists(output) {
            throw FileError(.exists, "'\(output)' exists already and is not overwritten")
        }
        try SecretOutput.write(request.key, to: keyOut)
        guard let output else { return try Output.result(request.request) }
        try PrivateFile.create(output, bytes: Array(request.request.utf8))
    }
}

/// What certificates may be for.
struct PurposeFlag: ParsableArguments {
    @Flag(help: "Take certificates whose purposes leave out that of a client.")
    var anyPurpose = false

    var policy: BundlePolicy { BundlePolicy(allowsAnyPurpose: anyPurpose) }
}

/// The files of a bundle and whom to trust.
struct BundleOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "PEM files with the certificate, its issuers and the private key, in any order.", valueName: "bundle"),
        completion: .file())
    var bundle: [String]

    @Option(
        help: ArgumentHelp("PEM file with the authorities to trust.", valueName: "file"), completion: .file())
    var roots: String?

    @OptionGroup var purpose: PurposeFlag

    /// The bundle as read.
    func read() throws -> IdentityBundle {
        HostProcess.forbidDumps()
        for file in bundle where SecretIntake.isReadableByOthers(file) && CertificateFile.holdsKey(file) {
            Output.warning("others can read '\(file)', which holds a private key: chmod 600 it")
        }
        // Of one file everybody knows which is meant.
        let names = bundle.count > 1 ? bundle.map { "'\($0)'" } : []
        return IdentityBundle(pem: try bundle.map(CertificateFile.read), names: names)
    }

    /// The authorities; nil if none were named.
    func trustedRoots() throws -> TrustedRoots? {
        try roots.map(TrustedRoots.init(path:))
    }

    /// The bundle, once nothing is wrong with it; warns of what is unwise.
    func checked() async throws -> IdentityBundle {
        let bundle = try read()
        let findings = await bundle.check(at: Date(), roots: try trustedRoots(), policy: purpose.policy)
        let errors = findings.filter { $0.severity == .error }
        if let last = errors.last {
            for error in errors.dropLast() { Output.error("\(error.code.rawValue): \(error.message)") }
            throw ProvisioningError(last.code, last.message)
        }
        for finding in findings where finding.severity == .warning {
            Output.warning("\(finding.code.rawValue): \(finding.message)")
        }
        for finding in findings where finding.code == .chainNotChecked {
            Output.message("earmark: note: \(finding.code.rawValue): \(finding.message)")
        }
        return bundle
    }
}

/// The command `earmark provision check`.
struct ProvisionCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a certificate with its chain and key before a device gets them.",
        discussion: """
            Says all that is wrong or unwise at once. The verdict is 'accept', 'warn' or 'reject'; the exit status is \
            44 for 'reject' and 0 otherwise.

              earmark provision check room1.pem --roots ca.pem
              earmark provision check room1.crt chain.pem room1.key --json
            """)

    @OptionGroup var bundleOptions: BundleOptions

    @Option(help: ArgumentHelp("When it shall be valid; now by default.", valueName: "time"))
    var at: TimeArgument?

    @Option(help: ArgumentHelp("Warn of less than this many days left.", valueName: "number"))
    var days = IdentityBundle.defaultWarningDays

    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        if days < 0 { throw ValidationError("--days takes 0 or more.") }
    }

    func run() async throws {
        let date = at.map { Date(timeIntervalSince1970: Double($0.time.seconds)) } ?? Date()
        let roots = try bundleOptions.trustedRoots()
        let bundle = try bundleOptions.read()
        let findings = await bundle.check(
            at: date, roots: roots, warningDays: days, policy: bundleOptions.purpose.policy)
        let view = BundleSummary(bundle, findings: findings, at: date)
        try json.print(["check": view], human: view.human)
        guard findings.verdict == .reject else { return }
        for finding in findings where finding.severity == .error {
            Output.error("\(finding.code.rawValue): \(finding.message)")
        }
        throw ExitCode(ExitStatus.certificateRefused.rawValue)
    }
}

/// The command `earmark provision add`.
struct ProvisionAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Seal a certificate with its key for a device.",
        discussion: """
            Refuses what 'provision check' rejects. The blocks are written anew: certificate, issuers, key. The device \
            stores them and uses them only once they are activated.

              earmark provision add room1.crt room1.key --roots ca.pem \\
                --secret-file room1.secret
            """)

    @OptionGroup var bundleOptions: BundleOptions
    @OptionGroup var secret: SecretOptions
    @OptionGroup var output: EnvelopeOutput

    func run() async throws {
        let payload = try await bundleOptions.checked().payload()
        try output.seal(payload, for: .add, with: try secret.readForSealing())
    }
}
