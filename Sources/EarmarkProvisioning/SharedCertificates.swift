/// Finds certificates that several devices of a list have, and whose mistake that is.
struct SharedCertificates {
    private struct Holder {
        let name: String
        let row: Int
        let isNamed: Bool
    }

    private let holders: [CertificateFingerprint: [Holder]]

    /// Looks at all steps that are in order, whatever becomes of their devices' others: a step that fails for a reason
    /// of its own, as with a bundle taken by mistake, shall not make an innocent device guilty.
    init(_ devices: [[PreparedStep]]) {
        var holders: [CertificateFingerprint: [Holder]] = [:]
        for step in devices.joined() {
            guard let fingerprint = step.fingerprint else { continue }
            let row = step.step.row
            let name = row.name.lowercased()
            guard !holders[fingerprint, default: []].contains(where: { $0.name.lowercased() == name }) else { continue }
            holders[fingerprint, default: []].append(
                Holder(
                    name: row.name, row: row.number,
                    isNamed: step.leaf.map { SharedCertificates.names($0, row.name) } ?? false))
        }
        self.holders = holders.filter { $0.value.count > 1 }
    }

    /// What is wrong with a step whose certificate others have too; nil if nobody has it.
    ///
    /// - Returns: the error, and whether the device is the only one that the certificate names: then the others are
    ///   wrong and it is not.
    func problem(_ step: PreparedStep) -> (error: ProvisioningError, isInnocent: Bool)? {
        guard let fingerprint = step.fingerprint, let all = holders[fingerprint] else { return nil }
        let named = all.filter(\.isNamed)
        let owner = named.count == 1 ? named[0] : nil
        let list = all.map { "row \($0.row) ('\(DisplayText.escaped($0.name))')" }.joined(separator: " and ")
        let verdict =
            owner.map { "it names '\(DisplayText.escaped($0.name))'; the others need one of their own" }
            ?? "each should have one of its own"
        return (
            ProvisioningError(.sharedCertificate, "several devices have this certificate, \(list): \(verdict)"),
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
    private static func letters(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
}
