public import EarmarkFiles

/// What came of one file: an answer or a refusal.
///
/// Its JSON is an entry of `analyses` in docs/json-schema.md.
public struct FileOutcome: Codable, Equatable, Sendable {
    /// Why a file was refused.
    public struct Refusal: Codable, Equatable, Sendable {
        /// A stable code, the raw value of the error's own.
        public let code: String
        /// What is wrong, and what to do.
        public let message: String

        /// Bundles the parts.
        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// The file as it was named.
    public var path: String
    /// Identifier of the stored analysis; nil if it was not stored.
    public let id: AnalysisID?
    /// When it was analysed, ISO 8601 in UTC.
    public let date: String
    /// The answer; nil if the file was refused.
    public var answer: Answer?
    /// Why the file was refused; nil if it was not.
    public var refusal: Refusal?
    /// How many analyses had been made with it; nil if it was not stored.
    public var made: AnalysesMade?
    /// The same for further meetings that a search found in the file; nil if there are none.
    public var further: [FileOutcome]?

    private enum CodingKeys: String, CodingKey {
        case path, id, date, refusal, made, further
    }

    /// An answer, or a refusal.
    public init(
        path: String, id: AnalysisID?, date: String, answer: Answer? = nil, refusal: Refusal? = nil,
        made: AnalysesMade? = nil
    ) {
        self.made = made
        self.path = path
        self.id = id
        self.date = date
        self.answer = answer
        self.refusal = refusal
    }

    /// Reads what `encode` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        path = try container.decode(String.self, forKey: .path)
        id = try container.decodeIfPresent(AnalysisID.self, forKey: .id)
        date = try container.decode(String.self, forKey: .date)
        refusal = try container.decodeIfPresent(Refusal.self, forKey: .refusal)
        made = try container.decodeIfPresent(AnalysesMade.self, forKey: .made)
        further = try container.decodeIfPresent([FileOutcome].self, forKey: .further)
        answer = refusal == nil ? try Answer(from: decoder) : nil
    }

    /// Writes the answer's fields beside those of the file.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encodeIfPresent(id, forKey: .id)
        try container.encode(date, forKey: .date)
        try container.encodeIfPresent(refusal, forKey: .refusal)
        try container.encodeIfPresent(made, forKey: .made)
        try container.encodeIfPresent(further, forKey: .further)
        try answer?.encode(to: encoder)
    }

    /// The addresses of those who are identified, each behind a space.
    package var identified: String {
        answer.map { $0.sources.filter { $0.verdict == .identified }.map { " \($0.email)" }.joined() } ?? ""
    }

    /// What came of it.
    public var result: FileResult { answer.map { .verdict($0.verdict) } ?? .refused }
}

/// What came of one file, in a word.
public enum FileResult: Hashable, Sendable {
    /// It was analysed.
    case verdict(Verdict)
    /// It was refused.
    case refused

    /// The word: the verdict's raw value, or `refused`.
    public var name: String {
        switch self {
        case .verdict(let verdict): verdict.rawValue
        case .refused: "refused"
        }
    }
}
