/// What can be done for a device of a list.
package enum DeviceStep: String, CaseIterable, Sendable {
    /// Makes a random secret.
    case generate
    /// Makes a key and a request for a certificate.
    case request
    /// Writes the line that gives a device its first secret, in clear.
    case first
    /// Seals a new secret.
    case populate
    /// Makes a random secret and seals it.
    case rotate
    /// Seals the order to forget the secret.
    case reset
    /// Seals a certificate with its key.
    case add
    /// Seals the order to use a certificate.
    case activate
    /// Seals the order to no longer use a certificate.
    case deactivate

    /// All names, for messages.
    package static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// The step of this name, whatever its case.
    init?(word: String) { self.init(rawValue: word.lowercased()) }

    /// What its envelope is for; nil if it makes none.
    var action: ProvisioningAction? {
        switch self {
        case .generate, .request, .first: nil
        case .populate, .rotate, .reset: .populate
        case .add: .add
        case .activate: .activate
        case .deactivate: .deactivate
        }
    }

    /// Whether the device has another secret afterwards than the one that the step is sealed with.
    var changesSecret: Bool { action == .populate }

    /// When a device must get it: secrets first, then the certificate, then the order to use it.
    var stage: Int {
        switch self {
        case .generate: 0
        case .request: 1
        case .first: 2
        case .populate, .rotate, .reset: 3
        case .add: 4
        case .activate, .deactivate: 5
        }
    }

    /// The stage of a change of the secret that others are sealed with.
    static let lastStage = 6
}
