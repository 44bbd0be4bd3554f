import ArgumentParser
import EarmarkConsole
import EarmarkProvisioning
import Foundation

/// Which stored certificate is meant.
struct StoredCertificateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Its SHA-1 fingerprint, as openssl x509 -fingerprint or the device prints it, or bare digits.",
            discussion: "With --certificate or --show it must be that of the certificate there.", valueName: "hex"))
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
    }

    /// The fingerprint of the certificate that is meant.
    ///
    /// - Parameter policy: what the certificate must be, to be activated; nil asks nothing, to deactivate it.
    func chosen(_ policy: BundlePolicy?) throws -> CertificateFingerprint {
        var chosen: CertificateFingerprint?
        if let certificate {
            let bundle = try CertificateFile.bundle(certificate)
            let leaf = try bundle.certificate()
            if let fingerprint { try FingerprintCheck.require(fingerprint, names: bundle, leaf: leaf) }
            if let policy, let refusal = leaf.activationFindings(at: Date(), policy: policy).refusal { throw refusal }
            chosen = leaf.fingerprint
        }
        guard let show else {
            if let chosen { return chosen }
            return try CertificateFingerprint(fingerprint ?? "")
        }
        let text = try ByteInput.read(show, maximumByteCount: StoredCertificateOptions.maximumListByteCount)
        let list = try DeviceReport.list(text.withUnsafeBytes { Array($0) })
        if chosen == nil, let fingerprint { chosen = try list.fingerprint(fingerprint) }
        let entry = try list.entry(chosen)
        if policy != nil { try list.requireUsable(entry, at: Date()) }
        return entry.fingerprint
    }
}

/// The command `earmark provision activate`.
struct ProvisionActivate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Seal the order to use a stored certificate in encrypted meetings.",
        discussion: """
              earmark provision activate --certificate room1.crt \\
                --secret-file room1.secret
              earmark provision activate --show shown.txt --certificate room1.crt \\
                --secret-file room1.secret
            """)

    @OptionGroup var stored: StoredCertificateOptions
    @OptionGroup var secret: SecretOptions
    @OptionGroup var purpose: PurposeFlag
    @OptionGroup var output: EnvelopeOutput

    func run() throws {
        let fingerprint = try stored.chosen(purpose.policy)
        try output.seal(fingerprint.payload, for: .activate, with: try secret.readForSealing())
    }
}

/// The command `earmark provision deactivate`.
struct ProvisionDeactivate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deactivate", abstract: "Seal the order to no longer use a stored certificate.",
        discussion: """
              earmark provision deactivate --fingerprint \\
                163224c3da0ba3ec5327892affebabbe00206b90 --secret-file room1.secret
            """)

    @OptionGroup var stored: StoredCertificateOptions
    @OptionGroup var secret: SecretOptions
    @OptionGroup var output: EnvelopeOutput

    func run() throws {
        let fingerprint = try stored.chosen(nil)
        try output.seal(fingerprint.payload, for: .deactivate, with: try secret.readForSealing())
    }
}
