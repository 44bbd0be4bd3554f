package import EarmarkConsole
package import EarmarkMark
package import EarmarkMedia
package import EarmarkReport
package import EarmarkService

extension MediaError: ReportableError {
    package var text: String { description }
    package var exitStatus: ExitStatus { code.exitStatus }
}

extension MediaError.Code {
    /// How a command ends that meets it.
    package var exitStatus: ExitStatus {
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
    package var text: String { message }

    package var exitStatus: ExitStatus {
        switch code {
        case .nothingToSearch: .unknown
        case .refused, .ticketInvalid, .evidenceInvalid, .timeOutside: .invalidInput
        case .unreadableAnswer: .configuration
        case .defect: .internalError
        }
    }
}

extension ReportError: ReportableError {
    package var text: String { message }

    package var exitStatus: ExitStatus {
        switch code {
        case .printerMissing: .configuration
        case .printingFailed: .inputOutput
        }
    }
}

extension TicketError: ReportableError {
    package var text: String { message }
    package var exitStatus: ExitStatus { .invalidInput }
}
