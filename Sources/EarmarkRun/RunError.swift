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
        /// What the task's environment or an option says, of a part or a plan, is unusable.
        case partUnusable = "part-unusable"
        /// A defect of the program.
        case defect
    }

    /// The kind of failure.
    package let code: Code
    /// What is wrong, where, and what to do; a line for each problem.
    package let message: String

    /// What stands in the way of other inputs as well as of this one.
    enum Obstacle: Equatable, Sendable {
        /// This machine: no room for what is fetched, no curl, no decoder.
        case machine
        /// A server, by its name and what is wrong with it.
        case server(String)
    }

    /// What stands in the way of an input that cannot be had, and of others; nil if that is not known.
    let obstacle: Obstacle?

    /// Bundles a kind of failure with its message.
    package init(_ code: Code, _ message: String) { self.init(code, message, obstacle: nil) }

    /// The same, where something is in the way of other inputs, too.
    init(_ code: Code, _ message: String, obstacle: Obstacle?) {
        self.code = code
        self.message = message
        self.obstacle = obstacle
    }

    /// Compares `code` only: messages are for people.
    package static func == (left: RunError, right: RunError) -> Bool { left.code == right.code }

    /// Code and message.
    package var description: String { "\(code.rawValue): \(message)" }
}
