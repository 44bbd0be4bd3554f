/// What an opened envelope carries, judged by what its action means.
public enum Payload: Sendable {
    /// A new secret.
    case newSecret(ClientSecret)
    /// No new secret: the device shall forget the one it has.
    case reset
    /// A certificate with its chain and key.
    case identity(IdentityBundle)
    /// The fingerprint of a stored certificate.
    case fingerprint(CertificateFingerprint)

    /// Judges the payload of an envelope for `action`.
    ///
    /// - Throws: `badFingerprint` where a fingerprint is due, the first error of a bundle where one is due.
    public init(_ bytes: SecretBytes, of action: ProvisioningAction) throws(ProvisioningError) {
        switch action {
        case .populate: self = bytes.isEmpty ? .reset : .newSecret(ClientSecret(bytes))
        case .add:
            let bundle = IdentityBundle(pem: [bytes])
            if let refusal = bundle.findings.refusal { throw refusal }
            self = .identity(bundle)
        case .activate, .deactivate: self = .fingerprint(try CertificateFingerprint(payload: bytes))
        }
    }
}
