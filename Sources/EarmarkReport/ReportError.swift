/// Why a report cannot be made.
///
/// Equality looks at `code` alone.
public struct ReportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// No program that prints PDF is installed.
        case printerMissing = "printer-missing"
        /// That program failed.
        case printingFailed = "printing-failed"
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong, and what to do.
    public let message: String

    /// Bundles a kind of failure with its message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Compares `code` only: messages are for people.
    public static func == (left: ReportError, right: ReportError) -> Bool { left.code == right.code }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }
}
