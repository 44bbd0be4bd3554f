package import EarmarkAnswer

/// Analyses files of a batch; any thread may use it, several of them at once.
package protocol BatchAnalyst: Sendable {
    /// What came of `item`, whose content has the digest `sha256`.
    ///
    /// - Throws: `AnalysisKilled`, and what ends the batch; of a file alone comes a refusal.
    func analyse(_ item: BatchItem, sha256: String) throws -> FileOutcome
}

/// A process that had a file in hand was killed from outside: whether that was the file's doing is not known.
package struct AnalysisKilled: Error {
    /// The code of a file that ended its process, by itself or again and again.
    package static let code = "killed-analysis"
    /// Deaths in a row that are held against a file.
    package static let most = 3

    /// Which process, in half a sentence.
    let process: String
}

extension FileOutcome {
    /// A file that a batch refuses.
    init(_ item: BatchItem, date: String, code: String, message: String) {
        self.init(path: item.path, id: nil, date: date, refusal: .init(code: code, message: message))
    }
}
