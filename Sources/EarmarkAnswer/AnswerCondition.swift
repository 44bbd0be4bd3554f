/// What an answer rests on that another analysis of the same file need not: beside the verdict in every list, or looks
/// at a little of a file read like searches of all of it.
public struct AnswerCondition: OptionSet, Hashable, Sendable {
    /// A bit for each condition.
    public let rawValue: UInt8

    /// Takes the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Nothing but a few stretches of the recording was read.
    public static let firstAnswer = AnswerCondition(rawValue: 1)

    /// In words, as `first answer`; nil if there is none.
    public var text: String? { contains(.firstAnswer) ? "first answer" : nil }

    /// A result with it, as `identified (first answer)`.
    package func label(_ result: String) -> String { text.map { "\(result) (\($0))" } ?? result }
}

extension Answer {
    /// What restricts the answer.
    public var condition: AnswerCondition {
        isTriage ? .firstAnswer : []
    }
}

extension FileOutcome {
    /// What restricts the answer; nothing where the file was refused.
    public var condition: AnswerCondition { answer?.condition ?? [] }

    /// What came of the file, with what restricts that, for people.
    package var label: String { condition.label(result.name) }
}
