import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkMark
import EarmarkMedia
import EarmarkReport
import EarmarkRun
import EarmarkService
import EarmarkStore
import EarmarkWords

/// Turns whatever ends a command into a message and an exit status.
enum Failure {
    /// Reports `error`: help and version to standard output, everything else to standard error.
    static func report(_ error: any Error, of arguments: [String]) -> Int32 {
        if let error = error as? ExitCode { return error.rawValue }
        if let error = error as? any ReportableError {
            // A roster has a line for each of its problems, and so has a run.
            Output.error(error.text, isList: (error as? StoreError)?.code == .rosterInvalid || error is RunError)
            return error.exitStatus.rawValue
        }
        let code = Earmark.exitCode(for: error)
        if code == .success {
            return printHelp(Earmark.fullMessage(for: error))
        }
        if code == .validationFailure {
            let unknown = Invocation.unknownOption(in: arguments, root: Earmark.self)
            Output.error(unknown ?? withExamples(Earmark.message(for: error)), isList: true)
            Output.message("See 'earmark --help' or 'earmark VERB --help'.")
            return ExitStatus.usage.rawValue
        }
        Output.error("internal error: \(error)")
        return ExitStatus.internalError.rawValue
    }

    /// What values look like, by the name of the value in help.
    private static let examples = [
        TimeArgument.valueName: "a time as \(TimeArgument.examples)", "duration": "a duration as 2h, 90m, 1h30m or 45s",
        "when": "12:30 or 45m into the meeting, -5m before it, or a time as \(TimeArgument.examples)",
        "seconds": "seconds as a number, such as 90 or 754.2",
        "offset": "how far into the meeting, up to two days: 754.2, 12:34.2, 1:02:30 or 45m",
    ]

    /// The parser's message, with what a value looks like where one was refused.
    private static func withExamples(_ message: String) -> String {
        guard message.contains("is invalid for") else { return message }
        let example = examples.first { message.contains("<\($0.key)>'") }
        return message + (example.map { "\nWrite \($0.value)." } ?? "")
    }

    private static func printHelp(_ text: String) -> Int32 {
        do {
            try Output.result(text)
            return ExitStatus.success.rawValue
        } catch {
            Output.error(error.message)
            return error.exitStatus.rawValue
        }
    }
}
