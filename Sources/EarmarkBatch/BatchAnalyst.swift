package import EarmarkAnswer

/// Analyses files of a batch; any thread may use it, several of them at once.
package protocol BatchAnalyst: Sendable {
    /// What came of `item`, whose content has the digest `sha256`.
    ///
    /// - Throws: what ends the batch; of a file alone comes a refusal.
    func analyse(_ item: BatchItem, sha256: String) throws -> FileOutcome
}

extension FileOutcome {
    /// A file that a batch refuses.
    init(_ item: BatchItem, date: String, code: String, message: String) {
        self.init(path: item.path, id: nil, date: date, refusal: .init(code: code, message: message))
    }
}
