/// What is asked of certificates beside what always is.
public struct BundlePolicy: Sendable {
    /// Whether a certificate may be for other purposes than its owner's proof of who it is.
    public var allowsAnyPurpose: Bool

    /// Asks for everything unless told otherwise.
    public init(allowsAnyPurpose: Bool = false) { self.allowsAnyPurpose = allowsAnyPurpose }
}
