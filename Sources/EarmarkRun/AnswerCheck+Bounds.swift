import EarmarkAnswer
import EarmarkBatch
import EarmarkDetect
import EarmarkFiles
import EarmarkMedia
import EarmarkService
import EarmarkStore

/// What follows from numbers that an answer holds beside others, and from what the store knows of its meeting.
extension AnswerCheck {
    /// log10 of the smallest bound that the engine states: 2^-256, the chance of guessing a key.
    private static let log10Least = -77.0
    /// Pitches and rates at which the engine looks, with what it refines: `WarpGrid`, `PeriodSearch`.
    private static let pitches = 0.7...1.5
    private static let rates = 0.6...1.7
    /// By how many seconds a stretch may lie outside the recording's length: what codecs add at its ends.
    private static let margin = 5.0
    /// Least bytes in a second of audio that carries a mark: a tenth of what the thriftiest codec takes for speech.
    private static let leastBytesPerSecond = 50.0
    /// Most remarks that a track comes with, and that come beside them.
    private static let remarks = 20
    private static let longestRemark = 1_000

    /// What is wrong with an answer beside what its numbers allow, in half a sentence; nil if nothing is.
    func contradiction(_ answer: Answer, _ kept: KeptEvidence) -> String? {
        contradiction(file: answer) ?? contradiction(meeting: answer, kept) ?? contradiction(bounds: answer, kept)
            ?? answer.sources.lazy.compactMap { contradiction(source: $0, answer) }.first
    }

    /// The smallest bound that evidence of `z` can have: everything else that is tried makes it larger.
    private static func isBound(_ log10Bound: Double, of z: Double) -> Bool {
        (max(log10Least, RademacherBound.log10Tail(z)) - rounding...0).contains(log10Bound)
    }

    private func contradiction(file answer: Answer) -> String? {
        let file = answer.file
        guard RecordingContainer(rawValue: file.container) != nil else { return "is about no kind of recording" }
        let heard = answer.sources.map(\.heardSeconds).max() ?? 0
        guard Double(file.bytes) >= heard * AnswerCheck.leastBytesPerSecond else {
            return "heard more than so few bytes can hold"
        }
        let most = AnswerCheck.remarks * (file.tracks.count + 1) + (file.unexamined?.count ?? 0)
        guard answer.warnings.count <= most,
            answer.warnings.allSatisfy({ $0.utf8.count <= AnswerCheck.longestRemark })
        else { return "comes with more remarks than an analysis has" }
        return nil
    }

    private func contradiction(meeting answer: Answer, _ kept: KeptEvidence) -> String? {
        guard kept.evidence.build.version == answer.toolVersion, kept.evidence.parameters.effort == line.request.effort
        else { return "has the evidence of another analysis" }
        guard let subject else {
            return answer.sources.isEmpty && kept.evidence.meetingDurationSeconds == 0
                ? nil : "found somebody in no meeting"
        }
        // What was changed after the bundle was made, the worker did not know.
        guard !isChanged else { return nil }
        guard answer.meeting?.start == subject.meeting.startsAt.text,
            kept.evidence.meetingDurationSeconds == subject.meeting.durationSeconds
        else { return "is about another time than the meeting's" }
        let markable = subject.candidates.count(where: \.isMarkable)
        guard answer.search == nil ? answer.tested.candidates == markable : answer.tested.candidates >= markable else {
            return "tested \(answer.tested.candidates) clients, and the meeting has \(markable)"
        }
        return nil
    }

    private func contradiction(bounds answer: Answer, _ kept: KeptEvidence) -> String? {
        let threshold = answer.tested.log10Threshold
        guard (AnswerCheck.log10Least...0).contains(answer.pilot.log10FalsePresence) else {
            return "states a chance that no analysis states"
        }
        let least = RademacherBound.requiredZ(log10Threshold: threshold, log10Hypotheses: 0)
        let needed = [answer.tested.requiredZ, answer.tested.mostRequiredZ].compactMap { $0 }
        guard answer.sources.isEmpty || needed.allSatisfy({ $0 >= least - AnswerCheck.rounding }) else {
            return "asks for less evidence than its bound"
        }
        for place in kept.places.compactMap({ $0 }) {
            guard AnswerCheck.isBound(place.log10Bound, of: place.z),
                place.log10Bound <= threshold + AnswerCheck.rounding
            else { return "has evidence that does not bear it out" }
        }
        return nil
    }

    private func contradiction(source: Answer.Source, _ answer: Answer) -> String? {
        guard AnswerCheck.isBound(source.log10FalseAccusation, of: source.z),
            source.content.map({ AnswerCheck.isBound($0.log10Bound, of: $0.z) }) ?? true
        else { return "states a bound that its evidence does not bear out" }
        guard AnswerCheck.pitches.contains(source.pitch), AnswerCheck.rates.contains(source.rate) else {
            return "heard a client at a speed that is not looked for"
        }
        let sum = source.heard.reduce(0) { $0 + ($1.meetingTo - $1.meetingFrom) / source.rate }
        guard abs(sum - source.heardSeconds) <= 1e-3 + 1e-6 * source.heardSeconds else {
            return "heard a client for another time than its stretches"
        }
        if let place = source.foundIn {
            guard let track = answer.file.tracks.first(where: { $0.index == place.track }),
                place.channel.map((0..<track.channels).contains) ?? true
            else { return "heard a client in a channel that the recording does not have" }
        }
        guard let start = answer.meeting.flatMap({ Timestamp($0.start) }) else { return "tells no start" }
        let shown = -1.0...answer.file.seconds + AnswerCheck.margin
        for span in source.heard {
            guard span.isSkipped == true || (shown.contains(span.from) && shown.contains(span.to)) else {
                return "heard a client outside of the recording"
            }
            guard span.playedAt == (start + Int64(span.meetingFrom.rounded(.down))).text else {
                return "heard a client at another time than the meeting's"
            }
        }
        return nil
    }
}
