import EarmarkAnswer
import EarmarkBatch
import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation

/// What an answer of a worker must keep before it is stored: nothing in it can be computed again without the recording,
/// but numbers can be possible ones, and parts can agree with each other and with what was asked.
struct AnswerCheck {
    /// What was asked.
    let line: WorkLine
    /// The input as it was planned.
    let item: RunPlan.Item
    /// Bounds that the organisation had when the bundle was made, log10; empty if that is not known.
    let thresholds: [Double]
    /// The answer's meeting as the store has it; nil where none was found.
    let subject: AnalysisSubject?
    /// Whether that was changed since the bundle was made, or the log does not tell.
    let isChanged: Bool

    /// Largest number that any member may be: more than bytes of any disk, and safe to compute with.
    private static let most = 1e13
    /// Longest text of a member, in bytes.
    private static let longestText = 10_000
    /// Longest recording, and farthest time in a meeting, seconds: a third of a year.
    private static let mostSeconds = 1e7
    /// By how much a bound may be missed through rounding, powers of ten.
    static let rounding = 1e-9
    /// Most intervals of a histogram.
    private static let mostCounts = 10_000

    /// What is wrong with a line apart from its answers, in half a sentence; nil if nothing is.
    static func problem(_ line: WorkLine) -> String? {
        let version = line.request.toolVersion.utf8
        guard (1...64).contains(version.count), version.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return "names no version"
        }
        guard line.sha256.map(EvidencePackage.isDigest) ?? true else { return "has a digest that is none" }
        let further = line.outcome.further ?? []
        guard further.isEmpty || line.outcome.answer != nil, further.allSatisfy({ $0.further == nil }) else {
            return "has further answers to no answer"
        }
        guard further.allSatisfy({ $0.path == line.outcome.path && $0.answer != nil }) else {
            return "has further answers about something else"
        }
        guard let refusal = line.outcome.refusal else { return nil }
        let isCode =
            (1...64).contains(refusal.code.utf8.count)
            && refusal.code.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isCode && refusal.message.utf8.count <= longestText ? nil : "is refused without a reason"
    }

    /// What is wrong with an answer and its evidence, in half a sentence; nil if nothing is.
    func problem(_ answer: Answer, _ evidence: KeptEvidence) -> String? {
        guard let answerBytes = try? JSONEncoder().encode(answer),
            let evidenceBytes = try? JSONEncoder().encode(evidence),
            AnswerCheck.isModest(answerBytes), AnswerCheck.isModest(evidenceBytes)
        else { return "holds numbers or texts that no analysis comes to" }
        return problem(file: answer) ?? problem(verdict: answer) ?? problem(sources: answer)
            ?? problem(evidence: evidence, answer) ?? contradiction(answer, evidence)
    }

    /// Whether every number and text in JSON is of a size that is safe to compute with and to show.
    private static func isModest(_ bytes: Data) -> Bool {
        func isModest(_ value: Any) -> Bool {
            switch value {
            case let text as String: text.utf8.count <= longestText
            case let number as NSNumber: abs(number.doubleValue) <= most
            case let list as [Any]: list.allSatisfy(isModest)
            case let members as [String: Any]: members.values.allSatisfy(isModest)
            default: true
            }
        }
        return (try? JSONSerialization.jsonObject(with: bytes)).map(isModest) ?? false
    }

    private func problem(file answer: Answer) -> String? {
        let file = answer.file
        guard file.sha256 == line.sha256 else { return "speaks of another file" }
        guard file.name == FilePath.lastPart(line.outcome.path) else { return "calls its file something else" }
        guard file.bytes >= 0, item.bytes == nil || item.bytes == file.bytes else {
            return "is about a file of another size than was planned"
        }
        guard (0...AnswerCheck.mostSeconds).contains(file.seconds), file.corruptPackets >= 0, !file.tracks.isEmpty,
            file.tracks.allSatisfy({ $0.index >= 0 && $0.channels > 0 && $0.sampleRate > 0 })
        else { return "is about a recording that cannot be" }
        guard answer.toolVersion == line.request.toolVersion, answer.tested.effort == line.request.effort else {
            return "was not made as it says"
        }
        let start = answer.meeting.flatMap { Timestamp($0.start) }
        let stated = line.request.playedAt.flatMap { stated in start.map { stated.resolved(start: $0) } }
        guard answer.playedAt == stated, stated != nil || line.request.playedAt == nil else {
            return "searched another time of the meeting than was asked"
        }
        guard answer.talkers == nil, answer.reference == nil else { return "answers what workers are not asked" }
        return nil
    }

    private func problem(verdict answer: Answer) -> String? {
        let tested = answer.tested
        let known = thresholds.isEmpty || thresholds.contains { abs($0 - tested.log10Threshold) < AnswerCheck.rounding }
        guard known, OrganisationSettings.log10ThresholdRange.contains(tested.log10Threshold) else {
            return "was held to another bound than the organisation's"
        }
        let counts = [tested.candidates, tested.hypotheses, tested.times ?? 0, tested.placements ?? 0]
        guard counts.allSatisfy({ $0 >= 0 }) else { return "was paid for with less than nothing" }
        guard answer.pilot.isPresent == (answer.pilot.log10FalsePresence <= tested.log10Threshold) else {
            return "contradicts itself about the meeting's mark"
        }
        let verdicts = Set(answer.sources.map(\.verdict))
        let absence: Verdict = answer.file.unexamined == nil ? .notFound : .incomplete
        let due: Verdict =
            [.identified, .detached, .trace].first(where: verdicts.contains)
            ?? (answer.pilot.isPresent ? .inconclusive : absence)
        guard answer.verdict == due else { return "has a verdict that does not follow from what it found" }
        return problem(triage: answer)
    }

    private func problem(triage answer: Answer) -> String? {
        // The shares into which the bound is divided: stretches', alignments', further times', placements'.
        guard answer.tested.shares.map((2...4).contains) ?? true,
            (answer.tested.shares == nil) == (answer.triage == nil)
        else { return "was paid for in other shares than an analysis has" }
        guard let triage = answer.triage else { return nil }
        guard line.request.triage ?? false else { return "looked at stretches though all was to be read" }
        let isWithin = triage.stretches.allSatisfy {
            $0.track >= 0 && 0 <= $0.from && $0.from <= $0.to && $0.to <= AnswerCheck.mostSeconds
        }
        guard isWithin, !triage.stretches.isEmpty, (0...AnswerCheck.mostSeconds).contains(triage.seconds) else {
            return "looked at stretches that cannot be"
        }
        // An answer of a few stretches is one that two of them agree on, and in which nobody is in doubt.
        let isClear = triage.stretches.count > 1 && answer.sources.allSatisfy { $0.verdict == .identified }
        return triage.isAnswer && !(answer.verdict == .identified && isClear)
            ? "leaves out what was not clear yet" : nil
    }

    private func problem(sources answer: Answer) -> String? {
        guard Set(answer.sources.map(\.client)).count == answer.sources.count else { return "names a client twice" }
        let range = -AnswerCheck.mostSeconds...AnswerCheck.mostSeconds
        for source in answer.sources {
            guard source.log10FalseAccusation <= answer.tested.log10Threshold + AnswerCheck.rounding else {
                return "names a client below the bound"
            }
            guard [.identified, .trace, .detached].contains(source.verdict),
                source.reason.map(Answer.Source.reasons.contains) ?? (source.verdict == .identified)
            else { return "says of a client what no analysis says" }
            guard (0.1...10).contains(source.pitch), (0.1...10).contains(source.rate),
                (0...AnswerCheck.mostSeconds).contains(source.heardSeconds)
            else { return "heard a client as nobody can be heard" }
            for span in source.heard {
                let times = [span.from, span.to, span.meetingFrom, span.meetingTo, span.uncertaintySeconds]
                guard times.allSatisfy(range.contains), span.from <= span.to || span.isSkipped == true,
                    Timestamp(span.playedAt) != nil
                else { return "heard a client at a time that cannot be" }
            }
            guard (source.content?.stretches ?? []).allSatisfy({ range.contains($0.from) && range.contains($0.to) })
            else { return "speaks of a stretch that cannot be" }
        }
        return nil
    }

    private func problem(evidence kept: KeptEvidence, _ answer: Answer) -> String? {
        let count = answer.sources.count
        guard kept.places.count == count, kept.evidence.sourceSteps.count == count else {
            return "has other evidence than sources"
        }
        for place in kept.places.compactMap({ $0 }) {
            guard place.isPlausible, place.track < 2 * answer.file.tracks.count,
                (place.removed ?? []).allSatisfy(answer.sources.indices.contains)
            else { return "has evidence at a place that cannot be" }
        }
        let range = -AnswerCheck.mostSeconds...AnswerCheck.mostSeconds
        let steps = kept.evidence.sourceSteps.joined().allSatisfy {
            range.contains(Double($0.from)) && range.contains(Double($0.to)) && $0.energy >= 0
        }
        guard steps else { return "has evidence at a time that cannot be" }
        guard (0...Int64(AnswerCheck.mostSeconds)).contains(kept.evidence.meetingDurationSeconds) else {
            return "is about a meeting that cannot be"
        }
        guard let decoys = kept.evidence.decoys else { return nil }
        let isHistogram =
            decoys.step > 0 && (1...AnswerCheck.mostCounts).contains(decoys.counts.count)
            && decoys.counts.allSatisfy { $0 >= 0 }
        return isHistogram ? nil : "has decoys that cannot be"
    }
}
