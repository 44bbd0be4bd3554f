/// What came of one file: an answer or a refusal.
struct FileOutcome: Codable {
    /// Why a file was refused.
    struct Refusal: Codable {
        let code: String
        let message: String
        /// How `analyze` ends for it; not part of the JSON.
        var exitStatus = ExitStatus.invalidInput

        private enum CodingKeys: String, CodingKey {
            case code, message
        }
    }

    var path: String
    /// Identifier of the stored analysis; nil if it was not stored.
    let id: String?
    let date: String
    var answer: AnswerView?
    let refusal: Refusal?
    /// The same for further meetings that a search found in the file; nil if there are none.
    var further: [FileOutcome]?

    private enum CodingKeys: String, CodingKey {
        case path, id, date, refusal, further
    }

    init(path: String, id: String?, date: String, answer: AnswerView? = nil, refusal: Refusal? = nil) {
        self.path = path
        self.id = id
        self.date = date
        self.answer = answer
        self.refusal = refusal
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        path = try container.decode(String.self, forKey: .path)
        id = try container.decodeIfPresent(String.self, forKey: .id)
        date = try container.decode(String.self, forKey: .date)
        refusal = try container.decodeIfPresent(Refusal.self, forKey: .refusal)
        further = try container.decodeIfPresent([FileOutcome].self, forKey: .further)
        answer = refusal == nil ? try AnswerView(from: decoder) : nil
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encodeIfPresent(id, forKey: .id)
        try container.encode(date, forKey: .date)
        try container.encodeIfPresent(refusal, forKey: .refusal)
        try container.encodeIfPresent(further, forKey: .further)
        try answer?.encode(to: encoder)
    }

    /// The answer for people; nil for a refusal, which went to standard error.
    var text: String? {
        guard let answer else { return nil }
        let own = answer.text + (id.map { "\n\nStored as \($0) on \(date)." } ?? "")
        guard let further else { return own }
        let head = "The recording shows \(1 + further.count) meetings, the strongest first.\n\n"
        return head + ([own] + further.compactMap(\.text)).joined(separator: "\n\n")
    }

    /// The verdict, or `refused`.
    var result: String { answer?.verdict ?? "refused" }
}
