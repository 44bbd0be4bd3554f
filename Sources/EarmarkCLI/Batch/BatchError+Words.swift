import EarmarkBatch
import EarmarkConsole

extension BatchError: ReportableError {
    /// The message, and the options that help.
    var text: String { message + advice }

    var exitStatus: ExitStatus {
        switch code {
        case .resultsExist, .listExists: .exists
        case .resultsBusy: .busy
        case .invalidInput, .meetingMissing, .partsMissing, .partsUnfinished, .partsForeign: .invalidInput
        case .unknownInput: .unknown
        case .inputOutput: .inputOutput
        case .shardUnusable, .shardGaps, .shardCountMissing: .usage
        case .defect: .internalError
        }
    }

    /// What follows the message on the command line: the options that help.
    private var advice: String {
        switch code {
        case .resultsExist: "; to go on with it, give the same options and --resume"
        case .meetingMissing: "; add --meeting, --any-meeting or a column 'meeting'"
        case .shardGaps: "; say --shard I/N"
        case .shardCountMissing: ", or say --shard I/N"
        case .partsMissing: "; wait for them, or add --partial"
        case .partsUnfinished: "; run those parts again with --resume, or add --partial"
        default: ""
        }
    }
}
