/// What an envelope makes a device do; the value of its header parameter `cisco-action`.
public enum ProvisioningAction: String, CaseIterable, Sendable {
    /// Sets, changes or, with an empty payload, resets the client secret.
    case populate
    /// Stores a certificate and its private key.
    case add
    /// Turns a stored identity on.
    case activate
    /// Turns a stored identity off.
    case deactivate
}
