/// A device of which a list says what certificate it shall use.
package struct MeantDevice: Sendable {
    /// The device's name as the list spells it first: that of its files.
    package let name: String
    /// The path of its bundle.
    private let bundlePath: String?
    private let isTakenOut: Bool

    /// Whether the list has it use a certificate without saying which file holds it.
    var lacksBundle: Bool { bundlePath == nil && !isTakenOut }

    /// The devices of `rows` that have a bundle, or a step for a certificate, each once.
    package static func all(_ rows: [DeviceList.Row]) -> [MeantDevice] {
        let spellings = rows.spellings
        var order: [String] = []
        var groups: [String: [DeviceList.Row]] = [:]
        for row in rows {
            let name = row.name.lowercased()
            if groups[name] == nil { order.append(name) }
            groups[name, default: []].append(row)
        }
        return order.compactMap { name in
            let rows = groups[name, default: []]
            let steps = Set(rows.flatMap(\.words).compactMap(DeviceStep.init(word:)))
            let bundle = rows.lazy.compactMap(\.bundle).first
            guard bundle != nil || !steps.isDisjoint(with: [.add, .activate, .deactivate]) else { return nil }
            return MeantDevice(
                name: spellings[name] ?? name, bundlePath: bundle,
                isTakenOut: steps.contains(.deactivate) && !steps.contains(.activate))
        }
    }

    /// What the certificate in use shall be.
    ///
    /// - Throws: why the list does not say it, or what is wrong with the bundle's file.
    package func bundle() throws -> IdentityBundle {
        guard StepPreparation.isFileName(name) else {
            throw IntakeError(.invalid, "the name cannot be part of a file's name")
        }
        guard !isTakenOut else {
            throw IntakeError(
                .invalid, "the list takes its certificate out of use, and only those in use are compared")
        }
        guard let bundlePath else {
            throw IntakeError(.missing, "the list names no bundle for it, so that nobody knows what is meant")
        }
        return try CertificateFile.bundle(bundlePath)
    }
}
