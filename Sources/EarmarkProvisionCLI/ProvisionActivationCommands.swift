import ArgumentParser
import EarmarkConsole
import EarmarkProvisioning
import Foundation

/// Which stored certificate is meant.
struct StoredCertificateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Its SHA-1 fingerprint; case, colons and spaces do not matter.", valueName: "hex"))
    var fingerprint: String?

    @Option(
        help: ArgumentHelp(
            "The certificate itself, or the bundle that was added.", valueName: "file"), completion: .file())
    var certificate: String?

    @Option(
        help: ArgumentHelp(
            "What the device printed for 'Services Show', terminal text or XML: the certificate must be there.",
            discussion: "Alone, it names the certificate if it lists only one.", valueName: "file"),
        completion: .file())
    var show: String?

    /// Longest output of a device, in bytes.
    private static let maximumListByteCount = 1 << 20

    mutating func validate() throws {
        if fingerprint == nil, certificate == nil, show == nil {
            throw ValidationError("Name the certificate: --fingerprint, --certificate or --show.")
        }
        if fingerprint != nil, certificate != nil {
            throw ValidationError("Give --fingerprint or --certificate, not both.")
        }
    }

    /// The fingerprint of the certificate that is meant.
    func chosen() throws -> CertificateFingerprint {
        var chosen = try fingerprint.map { text throws(ProvisioningError) in try CertificateFingerprint(text) }
        if let certificate { chosen = try CertificateFile.leaf(certificate).fingerprint }
        guard let show else {
            guard let chosen else { throw CommandError(.usage, "no certificate is named") }
            return chosen
        }
        let text = try ByteInput.read(show, maximumByteCount: StoredCertificateOptions.maximumListByteCount)
        let list = try ServicesList(text.withUnsafeBytes { Array($0) })
        return try list.entry(chosen).fingerprint
    }
}

/// The command `earmark provision activate`.
struct ProvisionActivate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Seal the order to use a stored certificate in encrypted meetings.",
        discussion: """
              earmark provision activate --certificate room1.crt --secret-file room1.secret
              earmark provision activate --show shown.txt --certificate room1.crt --secret-file room1.secret
            """)

    @OptionGroup var stored: StoredCertificateOptions
    @OptionGroup var secret: SecretOptions
    @OptionGroup var output: EnvelopeOutput

    func run() throws {
        let fingerprint = try stored.chosen()
        try output.seal(fingerprint.payload, for: .activate, with: try secret.readForSealing())
    }
}

/// The command `earmark provision deactivate`.
struct ProvisionDeactivate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deactivate", abstract: "Seal the order to no longer use a stored certificate.",
        discussion: """
              earmark provision deactivate --fingerprint 163224c3da0ba3ec5327892affebabbe00206b90 \
            --secret-file room1.secret
            """)

    @OptionGroup var stored: StoredCertificateOptions
    @OptionGroup var secret: SecretOptions
    @OptionGroup var output: EnvelopeOutput

    func run() throws {
        let fingerprint = try stored.chosen()
        try output.seal(fingerprint.payload, for: .deactivate, with: try secret.readForSealing())
    }
}
