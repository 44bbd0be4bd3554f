/// What an answer rests on that another analysis of the same file need not: beside the verdict in every list, or twenty
/// looks at a little of a file read like twenty searches of all of it.
public struct AnswerCondition: OptionSet, Hashable, Sendable {
    /// A bit for each condition.
    public let rawValue: UInt8

    /// Takes the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Nothing but a few stretches of the recording was read.
    public static let firstAnswer = AnswerCondition(rawValue: 1)
    /// Only the meeting times around the one that somebody stated were searched.
    public static let statedTime = AnswerCondition(rawValue: 2)

    /// In words, as `first answer`; nil if there is none.
    public var text: String? {
        let words = [contains(.firstAnswer) ? "first answer" : nil, contains(.statedTime) ? "stated time" : nil]
        return isEmpty ? nil : words.compactMap(\.self).joined(separator: ", ")
    }

    /// A result with it, as `not-found (stated time)`.
    package func label(_ result: String) -> String { text.map { "\(result) (\($0))" } ?? result }
}

extension Answer {
    /// What restricts the answer.
    public var condition: AnswerCondition {
        var condition: AnswerCondition = []
        if isTriage { condition.insert(.firstAnswer) }
        if playedAt != nil { condition.insert(.statedTime) }
        return condition
    }
}

extension FileOutcome {
    /// What restricts the answer; nothing where the file was refused.
    public var condition: AnswerCondition { answer?.condition ?? [] }

    /// What came of the file, with what restricts that, for people.
    package var label: String { condition.label(result.name) }
}
