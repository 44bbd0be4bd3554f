import X509

/// Finds certificates and private keys that several devices of a list have, and whose mistake that is.
struct SharedCertificates {
    private struct Holder {
        let name: String
        let row: Int
        let isNamed: Bool
    }

    private let byCertificate: [CertificateFingerprint: [Holder]]
    private let byKey: [Certificate.PublicKey: [Holder]]

    /// Looks at all steps that are in order, whatever becomes of their devices' others: a step that fails for a reason
    /// of its own, as with a bundle taken by mistake, shall not make an innocent device guilty.
    init(_ devices: [[PreparedStep]]) {
        var certificates: [CertificateFingerprint: [Holder]] = [:]
        var keys: [Certificate.PublicKey: [Holder]] = [:]
        for step in devices.joined() {
            guard let fingerprint = step.fingerprint else { continue }
            let row = step.step.row
            let holder = Holder(
                name: row.name, row: row.number,
                isNamed: step.leaf.map { SharedCertificates.names($0, row.name) } ?? false)
            SharedCertificates.note(holder, in: &certificates[fingerprint, default: []])
            guard let leaf = step.leaf else { continue }
            SharedCertificates.note(holder, in: &keys[leaf.certificate.publicKey, default: []])
        }
        byCertificate = certificates.filter { $0.value.count > 1 }
        byKey = keys.filter { $0.value.count > 1 }
    }

    private static func note(_ holder: Holder, in holders: inout [Holder]) {
        if !holders.contains(where: { $0.name.lowercased() == holder.name.lowercased() }) { holders.append(holder) }
    }

    /// What is wrong with a step whose certificate or key others have too; nil if nobody has it.
    ///
    /// - Returns: the error, and whether the device is the only one that the certificate names: then the others are
    ///   wrong and it is not.
    func problem(_ step: PreparedStep) -> (error: ProvisioningError, isInnocent: Bool)? {
        if let fingerprint = step.fingerprint, let all = byCertificate[fingerprint] {
            return SharedCertificates.verdict(step, all, "certificate")
        }
        if let leaf = step.leaf, let all = byKey[leaf.certificate.publicKey] {
            return SharedCertificates.verdict(step, all, "private key, in certificates of their own")
        }
        return nil
    }

    private static func verdict(
        _ step: PreparedStep, _ all: [Holder], _ what: String
    ) -> (error: ProvisioningError, isInnocent: Bool) {
        let named = all.filter(\.isNamed)
        let owner = named.count == 1 ? named[0] : nil
        let list = all.map { "row \($0.row) ('\(DisplayText.escaped($0.name))')" }.joined(separator: " and ")
        let judgement =
            owner.map { "it names '\(DisplayText.escaped($0.name))'; the others need one of their own" }
            ?? "each should have one of its own"
        return (
            ProvisioningError(.sharedCertificate, "several devices have this \(what), \(list): \(judgement)"),
            owner?.name.lowercased() == step.step.row.name.lowercased()
        )
    }

    /// Whether the certificate bears the device's name: its common name or a host's, whole or up to the first dot.
    private static func names(_ leaf: CertificateFacts, _ name: String) -> Bool {
        let hosts = leaf.alternativeNames.filter { $0.hasPrefix("DNS:") }.map { String($0.dropFirst("DNS:".count)) }
        let wanted = letters(name)
        return ([leaf.commonName].compactMap { $0 } + hosts).contains { text in
            letters(text) == wanted || letters(String(text.prefix { $0 != "." })) == wanted
        }
    }

    /// Names are written 'Room 1' here and 'room-1' there.
    static func letters(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
}
