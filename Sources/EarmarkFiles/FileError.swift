/// What went wrong with a file, and what to do about it.
///
/// Equality looks at `code` alone. Messages name the path and never hold content.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// There is no such file.
        case missing
        /// What was to be created lies there already.
        case exists
        /// A file with secrets can be read by others than its owner.
        case exposed
        /// It is no plain file, or too large for a file with secrets.
        case unfit
        /// It is larger than its kind may be.
        case tooLarge = "too-large"
        /// Another process held it for too long.
        case busy
        /// Reading or writing failed.
        case inputOutput = "input-output"
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong, where, and what to do.
    public let message: String

    /// Bundles a kind of failure with its message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Compares `code` only: messages are for people.
    public static func == (left: FileError, right: FileError) -> Bool { left.code == right.code }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }
}
