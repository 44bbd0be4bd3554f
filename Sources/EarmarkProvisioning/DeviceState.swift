import Foundation

/// All that a simulated device remembers, to be kept between runs.
///
/// Holds its secret and keys in clear.
public struct DeviceState: Codable, Sendable {
    /// Version of the format.
    public let version: Int
    private let secret: Data?
    private let bundles: [Data]
    private let active: String?
    /// Fingerprints by the names of other purposes; nil in states written before there were any.
    private let others: [String: String]?
    private let taken: [String]

    /// The one version that there is.
    private static let currentVersion = 1

    /// What `device` remembers.
    public init(_ device: DeviceSimulator) {
        version = DeviceState.currentVersion
        secret = device.secret.map { $0.bytes.withUnsafeBytes { Data($0) } }
        bundles = device.stored.map { $0.payload.withUnsafeBytes { Data($0) } }
        active = device.active?.text
        others = Dictionary(uniqueKeysWithValues: device.others.map { ($0.key.rawValue, $0.value.text) })
        taken = device.taken.sorted()
    }

    /// The device that remembers this.
    ///
    /// - Throws: what is wrong with a certificate or fingerprint, if the state was damaged.
    public func device() throws(ProvisioningError) -> DeviceSimulator {
        guard version == DeviceState.currentVersion else {
            throw ProvisioningError(
                .badTable, "the state of the device is of version \(version), which is not known here")
        }
        var stored: [DeviceSimulator.Stored] = []
        for bundle in bundles {
            let payload = SecretBytes(bundle)
            let read = IdentityBundle(pem: [payload])
            if let refusal = read.findings.refusal { throw refusal }
            guard let leaf = read.leaf else {
                throw ProvisioningError(.missingCertificate, "a stored certificate is gone")
            }
            stored.append(DeviceSimulator.Stored(leaf: leaf, issuers: Array(read.chain.dropFirst()), payload: payload))
        }
        let fingerprint = try active.map { text throws(ProvisioningError) in try CertificateFingerprint(text) }
        var purposes: [DevicePurpose: CertificateFingerprint] = [:]
        for (name, text) in others ?? [:] {
            if let purpose = DevicePurpose(word: name) { purposes[purpose] = try CertificateFingerprint(text) }
        }
        return DeviceSimulator(
            secret: secret.map { ClientSecret(SecretBytes($0)) }, stored: stored, active: fingerprint, others: purposes,
            taken: Set(taken))
    }
}
