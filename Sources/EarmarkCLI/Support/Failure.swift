import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkMark
import EarmarkMedia
import EarmarkReport
import EarmarkRun
import EarmarkService
import EarmarkStore

extension MediaError: ReportableError {
    var text: String { description }
    var exitStatus: ExitStatus { code.exitStatus }
}

extension MediaError.Code {
    /// How a command ends that meets it.
    var exitStatus: ExitStatus {
        switch self {
        case .notFound: .unknown
        case .unreadable, .writeFailed: .inputOutput
        case .unsupportedType, .unsupportedSampleFormat: .unsupportedType
        case .tooLarge: .tooLarge
        case .tooShort: .tooShort
        case .noAudio: .noAudio
        case .videoOnly: .videoOnly
        case .encrypted: .encrypted
        case .truncated: .truncated
        case .corrupt, .timeLimit: .corrupt
        case .outOfRange: .invalidInput
        }
    }
}

extension ServiceError: ReportableError {
    var text: String { message }

    var exitStatus: ExitStatus {
        switch code {
        case .nothingToSearch: .unknown
        case .refused, .ticketInvalid, .evidenceInvalid: .invalidInput
        case .unreadableAnswer: .configuration
        case .defect: .internalError
        }
    }
}

extension ReportError: ReportableError {
    var text: String { message }

    var exitStatus: ExitStatus {
        switch code {
        case .printerMissing: .configuration
        case .printingFailed: .inputOutput
        }
    }
}

extension TicketError: ReportableError {
    var text: String { message }
    var exitStatus: ExitStatus { .invalidInput }
}

/// Turns whatever ends a command into a message and an exit status.
enum Failure {
    /// Reports `error`: help and version to standard output, everything else to standard error.
    static func report(_ error: any Error) -> Int32 {
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
            Output.error(withExamples(Earmark.message(for: error)), isList: true)
            Output.message("See 'earmark --help' or 'earmark VERB --help'.")
            return ExitStatus.usage.rawValue
        }
        Output.error("internal error: \(error)")
        return ExitStatus.internalError.rawValue
    }

    /// The parser's message, with what a time looks like where one was refused.
    private static func withExamples(_ message: String) -> String {
        guard message.contains("is invalid for"), message.contains("<\(TimeArgument.valueName)>'") else {
            return message
        }
        return message + "\nWrite a time as \(TimeArgument.examples)."
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
