/// Why a run cannot go on, beside errors of bundles, batches, the store and files.
///
/// Equality looks at `code` alone.
package struct RunError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, CaseIterable {
        /// A plan, part or run is none, or damaged.
        case malformed
        /// A part lacks lines, or a run parts.
        case unfinished
        /// A part, line or run belongs to another plan, or comes twice.
        case foreign
        /// A line was not signed by a worker of a bundle that this store takes results of.
        case unsigned
        /// There is no such input.
        case unknownInput = "unknown-input"
        /// There is no such plan.
        case planMissing = "plan-missing"
        /// Reading, writing or fetching failed; trying again may help.
        case inputOutput = "input-output"
        /// The process that decodes an input was killed.
        case killed
        /// Another process works on the part.
        case busy
        /// What the task's environment says of its part is unusable.
        case partUnusable = "part-unusable"
        /// A defect of the program.
        case defect
    }

    /// The kind of failure.
    package let code: Code
    /// What is wrong, where, and what to do; a line for each problem.
    package let message: String

    /// Bundles a kind of failure with its message.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Compares `code` only: messages are for people.
    package static func == (left: RunError, right: RunError) -> Bool { left.code == right.code }

    /// Code and message.
    package var description: String { "\(code.rawValue): \(message)" }
}
