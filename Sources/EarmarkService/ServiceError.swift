/// Why a service cannot do what it was asked, beside errors of the store and of media.
///
/// Equality looks at `code` alone.
public struct ServiceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// An organisation has no meeting that could be searched.
        case nothingToSearch = "nothing-to-search"
        /// The analysis ended with a refusal: there is no answer.
        case refused
        /// The stored answer cannot be read by this version, or is damaged.
        case unreadableAnswer = "unreadable-answer"
        /// The analysis asked for more than it pays for: a defect of the program, and no answer.
        case defect
        /// A ticket file is none.
        case ticketInvalid = "ticket-invalid"
        /// A recording is stated to have been played when nobody looks for marks, or in no meeting that is named.
        case timeOutside = "time-outside"
        /// A package of evidence is none, or of an unknown version.
        case evidenceInvalid = "evidence-invalid"
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong, and where.
    public let message: String

    /// Bundles a kind of failure with its message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Compares `code` only: messages are for people.
    public static func == (left: ServiceError, right: ServiceError) -> Bool { left.code == right.code }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }
}
