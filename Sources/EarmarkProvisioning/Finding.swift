/// One thing that a check of a bundle found.
public struct Finding: Equatable, Sendable {
    /// What a finding means for the bundle.
    public enum Severity: String, Comparable, Sendable {
        /// Worth knowing.
        case note
        /// Unwise, or soon wrong.
        case warning
        /// No device would take the bundle, or no peer would trust it.
        case error

        /// Notes come before warnings, warnings before errors.
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// What was found.
    public let code: ProvisioningError.Code
    /// What it means.
    public let severity: Severity
    /// The finding in words: what, where, and what to do.
    public let message: String

    init(_ code: ProvisioningError.Code, _ severity: Severity, _ message: String) {
        self.code = code
        self.severity = severity
        self.message = message
    }

    init(_ error: ProvisioningError) { self.init(error.code, .error, error.message) }
}

/// What a check comes to.
public enum Verdict: String, Sendable {
    /// Nothing but notes.
    case accept
    /// Warnings, no errors.
    case warn
    /// Errors.
    case reject
}

extension [Finding] {
    /// What these findings come to.
    public var verdict: Verdict {
        switch map(\.severity).max() {
        case .error?: .reject
        case .warning?: .warn
        case .note?, nil: .accept
        }
    }

    /// The first error, as one to throw.
    public var refusal: ProvisioningError? {
        first { $0.severity == .error }.map { ProvisioningError($0.code, $0.message) }
    }
}
