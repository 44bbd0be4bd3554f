package import EarmarkFiles

/// Why a secret, certificate, envelope or list could not be brought in.
///
/// Equality looks at `code` alone. Messages never hold a secret.
package struct IntakeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure; the raw value is stable and appears in the results of lists.
    package enum Code: String, CaseIterable, Sendable {
        /// There is no such file, variable or user.
        case missing = "unknown"
        /// What was read is too long, or not what it should be.
        case invalid = "invalidInput"
        /// Reading or writing failed.
        case inputOutput
    }

    /// The kind of failure.
    package let code: Code
    /// What is wrong, and where.
    package let message: String

    /// Bundles a kind of failure with its message.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The same failure of a file.
    package init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .missing: .missing
            case .exposed, .unfit, .tooLarge: .invalid
            case .exists, .busy, .inputOutput: .inputOutput
            }
        self.init(code, error.message)
    }

    /// Compares `code` only: messages are for people.
    package static func == (left: IntakeError, right: IntakeError) -> Bool { left.code == right.code }

    /// Code and message.
    package var description: String { "\(code.rawValue): \(message)" }
}
