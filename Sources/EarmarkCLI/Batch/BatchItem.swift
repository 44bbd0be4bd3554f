/// One file of a batch and what was asked about it.
struct BatchItem: Equatable {
    /// The file as it was named or found.
    let path: String
    /// The meeting that the file may be of.
    let meeting: String
    /// Name and note of the analysis.
    let words: AnalysisWords
}

/// What decides an answer beside the file's content: equal requests about equal content have equal answers.
struct BatchRequest: Codable, Hashable {
    /// Identifier of the meeting, or the reference of a search.
    let meeting: String
    /// How hard was looked.
    let effort: String
    /// Whether files below the organisation's limit were taken, too.
    let allowShort: Bool
    /// Version of the program.
    let toolVersion: String
}

/// Content and request together.
struct BatchKey: Hashable {
    let sha256: String
    let request: BatchRequest
}
