package import EarmarkFiles

/// Exit statuses; those from 64 on have the meanings of sysexits.h.
package enum ExitStatus: Int32 {
    /// The command did what it was asked.
    case success = 0
    /// A defect of the program.
    case internalError = 1
    /// The meeting's host is outside the organisation.
    case meetingForeign = 10
    /// The meeting's retention has run out.
    case meetingExpired = 11
    /// Watermarking is off for the organisation or the meeting.
    case watermarkingOff = 12
    /// The client's kind cannot carry a mark.
    case clientCannotCarryMark = 13
    /// The recording is of a type that is not analysed.
    case unsupportedType = 20
    /// The recording is larger than the limit.
    case tooLarge = 21
    /// The recording is shorter than the limit.
    case tooShort = 22
    /// The recording has no audio track.
    case noAudio = 23
    /// The recording has video tracks only.
    case videoOnly = 24
    /// The recording is encrypted.
    case encrypted = 25
    /// The recording ends before the part without which it cannot be read.
    case truncated = 26
    /// The recording contradicts its type, or nothing in it decodes.
    case corrupt = 27
    /// The two security codes differ.
    case codesDiffer = 40
    /// An envelope is refused by a check that needs no key.
    case envelopeRefused = 41
    /// An envelope was sealed with another secret, or changed.
    case authenticationFailed = 42
    /// An envelope opens, but its payload is not what its action means.
    case payloadRefused = 43
    /// A certificate, key or bundle is refused.
    case certificateRefused = 44
    /// A certificate ends soon or has ended.
    case certificateExpiring = 45
    /// Rows of a list of devices failed.
    case rowsFailed = 46
    /// The simulated device refused a command.
    case deviceRefused = 47
    /// A device has not what was meant for it.
    case deviceDiffers = 48
    /// Some files of a batch were refused.
    case someFailed = 30
    /// The arguments make no command.
    case usage = 64
    /// A value, roster or file breaks a rule.
    case invalidInput = 65
    /// A meeting, client, ticket, analysis, organisation or input file does not exist.
    case unknown = 66
    /// What was to be created exists already.
    case exists = 73
    /// Reading or writing failed.
    case inputOutput = 74
    /// Another process keeps the store busy; trying again may help.
    case busy = 75
    /// A file with secrets is open to other users.
    case exposed = 77
    /// The store or a key is missing or unusable.
    case configuration = 78
}

/// An error that knows its message and exit status.
package protocol ReportableError: Error {
    /// What is wrong, where, and what to do; one line for each problem.
    var text: String { get }
    /// How the process ends.
    var exitStatus: ExitStatus { get }
}

/// A failure of the command line itself.
package struct CommandError: ReportableError {
    package let exitStatus: ExitStatus
    package let message: String
    package var text: String { message }

    package init(_ exitStatus: ExitStatus, _ message: String) {
        self.exitStatus = exitStatus
        self.message = message
    }
}

extension FileError: ReportableError {
    package var text: String { message }

    package var exitStatus: ExitStatus {
        switch code {
        case .missing: .unknown
        case .exists: .exists
        case .exposed: .exposed
        case .unfit: .configuration
        case .tooLarge: .invalidInput
        case .busy: .busy
        case .inputOutput: .inputOutput
        }
    }
}
