import EarmarkFiles

/// Why a batch cannot go on, beside errors of the store and of files.
///
/// Equality looks at `code` alone.
package struct BatchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, CaseIterable {
        /// The result file holds lines already.
        case resultsExist = "results-exist"
        /// Another file lies where the list of a result file is to be written.
        case listExists = "list-exists"
        /// Another batch writes to the result file.
        case resultsBusy = "results-busy"
        /// A result file, manifest or part breaks its rule.
        case invalidInput = "invalid-input"
        /// An input names nothing.
        case unknownInput = "unknown-input"
        /// Reading or writing failed.
        case inputOutput = "input-output"
        /// The variables of a job scheduler are unusable.
        case shardUnusable = "shard-unusable"
        /// The numbers of a job scheduler's tasks do not tell which part each takes.
        case shardGaps = "shard-gaps"
        /// A job scheduler does not tell the number of parts.
        case shardCountMissing = "shard-count-missing"
        /// Result files of some parts are missing.
        case partsMissing = "parts-missing"
        /// Result files lack lines of files that they were to hold.
        case partsUnfinished = "parts-unfinished"
        /// Result files are of another batch, or the same part twice.
        case partsForeign = "parts-foreign"
        /// No meeting is named for a file.
        case meetingMissing = "meeting-missing"
        /// A defect of the program.
        case defect
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

    /// Compares `code` only: messages are for people.
    package static func == (left: BatchError, right: BatchError) -> Bool { left.code == right.code }

    /// Code and message.
    package var description: String { "\(code.rawValue): \(message)" }
}

extension BatchError {
    /// The same failure of an input as a batch tells it.
    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .missing: .unknownInput
            case .exposed, .unfit, .tooLarge: .invalidInput
            case .exists, .busy, .inputOutput: .inputOutput
            }
        self.init(code, error.message)
    }
}
