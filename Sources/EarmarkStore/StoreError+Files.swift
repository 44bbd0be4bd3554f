import EarmarkFiles

extension StoreError {
    /// The same failure as the store's users know it.
    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .missing: .keyFileMissing
            case .exists: .storeExists
            case .exposed: .keyFileExposed
            case .unfit, .tooLarge: .keyFileInvalid
            case .busy: .storeBusy
            case .inputOutput: .inputOutput
            }
        self.init(code, error.message)
    }
}

/// Runs `body`, with its failures as the store's.
func withFiles<Value>(_ body: () throws(FileError) -> Value) throws(StoreError) -> Value {
    do throws(FileError) {
        return try body()
    } catch {
        throw StoreError(error)
    }
}
