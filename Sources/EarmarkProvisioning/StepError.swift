import EarmarkFiles

/// A step of a list that cannot be done, for a reason that only a list has.
struct StepError: Error {
    /// Kinds beside those of other errors; the raw value is stable and appears in results.
    enum Code: String {
        case duplicateRow, badDeviceName, missingBundle, missingSecret, missingColumn, differs
        /// A file that the step writes is named elsewhere in the list, too.
        case sharedFile
        /// The random secret that shall replace another one is that one.
        case sameSecret
        /// The step is sealed with a secret that the device no longer has by then.
        case staleSecret
        /// An earlier step of the device could not be done.
        case earlierStepFailed
    }

    let code: Code
    let message: String
}

extension StepError {
    /// Code and message of whatever went wrong.
    static func describe(_ error: any Error) -> (code: String, message: String) {
        switch error {
        case let error as StepError: (error.code.rawValue, error.message)
        case let error as ProvisioningError: (error.code.rawValue, error.message)
        case let error as IntakeError: (error.code.rawValue, error.message)
        case let error as FileError: (IntakeError(error).code.rawValue, error.message)
        default: ("internalError", "the row cannot be done")
        }
    }
}
