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
            let advice = error.exitStatus == .unknown ? RecordingPath.advice(on: error.text, of: arguments) : ""
            // Advice goes on with the sentence.
            let text = advice.isEmpty ? error.text : error.text.replacing(/\.$/, with: "") + advice
            Output.error(text, isList: (error as? StoreError)?.code == .rosterInvalid || error is RunError)
            return error.exitStatus.rawValue
        }
        let code = Earmark.exitCode(for: error)
        if code == .success {
            return printHelp(Earmark.fullMessage(for: error))
        }
        if code == .validationFailure {
            let usage = UsageError(Earmark.message(for: error), of: arguments, root: Earmark.self)
            for problem in usage.problems { Output.error(problem, isList: true) }
            for advice in usage.advice { Output.message(advice) }
            return ExitStatus.usage.rawValue
        }
        Output.error("internal error: \(error)")
        return ExitStatus.internalError.rawValue
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
