/// What an answer rests on that another analysis of the same file need not: beside the verdict in every list, or looks
/// at a little of a file read like searches of all of it.
public struct AnswerCondition: OptionSet, Hashable, Sendable {
    /// A bit for each condition.
    public let rawValue: UInt8

    /// Takes the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Nothing but a few stretches of the recording was read.
    public static let firstAnswer = AnswerCondition(rawValue: 1)

    /// The store's records contradict that it was recorded at an endpoint that is named.
    public static let disputed = AnswerCondition(rawValue: 2)

    /// Somebody's mark was found, and audio of the file was not examined: others may be in that.
    public static let partlyExamined = AnswerCondition(rawValue: 4)

    /// The recording is silent, or has no sound that could carry a mark.
    public static let soundless = AnswerCondition(rawValue: 8)

    /// In words, as `first answer`; nil if there is none.
    public var text: String? {
        let words = [
            contains(.firstAnswer) ? "first answer" : nil, contains(.disputed) ? "records disagree" : nil,
            contains(.partlyExamined) ? "not all examined" : nil, contains(.soundless) ? "no sound for a mark" : nil,
        ].compactMap { $0 }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// A result with it, as `identified (first answer)`.
    package func label(_ result: String) -> String { text.map { "\(result) (\($0))" } ?? result }
}

extension Answer {
    /// What restricts the answer.
    public var condition: AnswerCondition {
        var condition: AnswerCondition = isTriage ? .firstAnswer : []
        if !contradictions.isEmpty { condition.insert(.disputed) }
        if file.unexamined != nil, verdict != .incomplete { condition.insert(.partlyExamined) }
        if isSoundless { condition.insert(.soundless) }
        return condition
    }
}

extension Answer {
    /// Whether nothing was found, and there is no sound in which a mark could have been.
    package var isSoundless: Bool {
        (verdict == .notFound || verdict == .incomplete) && search == nil
            && Answer.isSoundless(pilot, seconds: file.seconds)
    }

    /// Seconds from which on silence is told from a moment, in which no sound leaves anything of a mark.
    private static let leastSilence = 10.0

    /// Whether no mark could reach anything in so many seconds: silence and steady tones leave nothing of it.
    package static func isSoundless(_ pilot: Pilot, seconds: Double) -> Bool {
        pilot.mostExpectedZ == 0 && seconds >= leastSilence
    }
}

extension FileOutcome {
    /// What restricts the answer; nothing where the file was refused.
    public var condition: AnswerCondition { answer?.condition ?? [] }

    /// What came of the file with what restricts that.
    package var conditionedResult: ConditionedResult { ConditionedResult(result: result, condition: condition) }

    /// Both for people.
    package var label: String { conditionedResult.label }
}

/// What came of a file with what restricts that: what files are counted by.
package struct ConditionedResult: Hashable, Sendable {
    /// What came of it.
    package let result: FileResult
    /// What restricts that.
    package let condition: AnswerCondition

    /// The file was refused.
    package static let refused = ConditionedResult(result: .refused, condition: [])

    /// Bundles the parts.
    package init(result: FileResult, condition: AnswerCondition) {
        self.result = result
        self.condition = condition
    }

    /// Both in words, as `identified (first answer)`.
    package var label: String { condition.label(result.name) }
}
