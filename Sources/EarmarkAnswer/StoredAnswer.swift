public import EarmarkFiles

/// A stored answer with its evidence: all that a report shows, so that it can be made again bit for bit.
public struct StoredAnswer: Encodable, Equatable, Sendable {
    /// Identifier of the analysis.
    public let id: AnalysisID
    /// When it was analysed, ISO 8601 in UTC.
    public let date: String
    /// The answer.
    public let answer: Answer
    /// What lies behind it; nil for analyses of versions that did not keep it.
    public let evidence: AnswerEvidence?
    /// What else was made of the same file and meeting; nil where it was not asked for.
    public let history: AnswerHistory?
    /// When the bundle was revoked with which a worker came to it, ISO 8601 in UTC; nil if none was.
    public let bundleRevoked: String?

    /// Bundles the parts.
    public init(
        id: AnalysisID, date: String, answer: Answer, evidence: AnswerEvidence?, history: AnswerHistory? = nil,
        bundleRevoked: String? = nil
    ) {
        self.id = id
        self.date = date
        self.answer = answer
        self.evidence = evidence
        self.history = history
        self.bundleRevoked = bundleRevoked
    }

    /// The sources that the recording's verdict rests on.
    public var identified: [Answer.Source] { answer.sources.filter { $0.verdict == .identified } }
}
