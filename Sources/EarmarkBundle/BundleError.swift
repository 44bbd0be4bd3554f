import EarmarkFiles

/// Why a bundle, its key or a worker's line is refused.
///
/// Equality looks at `code` alone. No message holds a secret.
package struct BundleError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, CaseIterable {
        /// The file is no bundle, or damaged.
        case malformed
        /// The bundle was made by a later version, or for marks that this one does not know.
        case tooNew = "too-new"
        /// The key is not the one that the bundle is sealed to.
        case wrongKey = "wrong-key"
        /// A key is none.
        case keyInvalid = "key-invalid"
        /// Others than owner and group can read the key.
        case keyExposed = "key-exposed"
        /// The bundle's time has run out.
        case expired
        /// The clock is before the bundle was made.
        case notYetValid = "not-yet-valid"
        /// The bundle holds nothing of the meeting, or no meeting at all.
        case nothingHeld = "nothing-held"
        /// The bundle holds several meetings, and none was named.
        case meetingUnnamed = "meeting-unnamed"
        /// Reading or writing failed.
        case inputOutput = "input-output"
        /// There is no such file.
        case missing
        /// What was to be created lies there already.
        case exists
    }

    /// The kind of failure.
    package let code: Code
    /// What is wrong, where, and what to do.
    package let message: String

    /// Bundles a kind of failure with its message.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Compares `code` only: messages are for people.
    package static func == (left: BundleError, right: BundleError) -> Bool { left.code == right.code }

    /// Code and message.
    package var description: String { "\(code.rawValue): \(message)" }

    /// The same failure of a file.
    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .missing: .missing
            case .exists: .exists
            case .exposed: .keyExposed
            case .unfit, .tooLarge: .malformed
            case .busy, .inputOutput: .inputOutput
            }
        self.init(code, error.message)
    }
}
