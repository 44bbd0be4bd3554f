public import EarmarkAnalysis
public import EarmarkAnswer

/// Analyses files, one after another or several at once.
public protocol FileAnalyst: Sendable {
    /// Analyses one file and stores the answer; a refused file is an outcome, too.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - label: name and note of the analysis.
    ///   - playedAt: when its beginning was played, if that is known; that is tried first.
    ///   - sha256: the file's digest if it is known, which refusals keep.
    ///   - progress: called now and then with what is being done.
    /// - Throws: `StoreError` if the answer cannot be stored; `ServiceError` `timeOutside`, `defect`.
    func analyse(
        _ path: String, label: AnalysisLabel, playedAt: PlayedAt?, sha256: String?,
        progress: (@Sendable (MeetingSearch.Stage) -> Void)?
    ) throws -> FileOutcome
}
