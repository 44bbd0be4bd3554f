public import EarmarkAnswer
import EarmarkFiles
import EarmarkOutput
import Foundation

extension Answer.Source {
    /// Half of what is printed, a tenth of a per cent.
    private static let leastWarp = 0.0005

    /// How the recording was sped up or shifted; nil if it was not.
    fileprivate var warpText: String? {
        // What a clock is off by is no change of speed.
        guard abs(rate - 1) >= Self.leastWarp || abs(pitch - 1) >= Self.leastWarp else { return nil }
        return String(format: "%.1f %% of the speed, %.1f %% of the pitch", 100 * rate, 100 * pitch)
    }
}

extension Answer.Search {
    /// Meetings that could not be searched; nil if all could.
    var leftOut: String? {
        func meetings(_ count: Int) -> String { count == 1 ? "1 meeting" : "\(count) meetings" }
        let parts = [
            withoutShares > 0 ? meetings(withoutShares) + " with split keys (name the shares with --share)" : nil,
            withoutKey > 0 ? meetings(withoutKey) + " whose keys are gone" : nil,
            withoutMark.map { meetings($0) + " not to be marked or of other hosts, for which tickets were issued" },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

extension Answer.File {
    /// What is missing of the recording; nil if nothing is.
    var damageText: String? {
        let parts = [
            corruptPackets > 0 ? "\(corruptPackets) packets do not decode" : nil,
            isTruncated ? "the file ends early" : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}

extension Answer.Triage {
    /// What was looked at first in a recording of `length` seconds, and what came of it.
    func text(of length: Double) -> String {
        let count = stretches.count == 1 ? "1 stretch" : "\(stretches.count) stretches"
        return "\(count), \(Answer.clock(recordingSeconds)) of \(Answer.clock(length)); "
            + (isAnswer ? "nothing else was read" : "they showed nobody clearly, and all of it was read")
    }
}

extension Answer {
    /// How hard was looked: at stretches as `fast` does, whatever was asked for.
    var effortText: String {
        isTriage && tested.effort != "fast"
            ? "that of fast, in a few stretches; \(tested.effort) was asked for" : tested.effort
    }
}

extension Answer {
    /// Of how much something was heard: `of 0:22:00`; where stretches alone were read, of those and of all.
    func ofLength(_ clock: (Double) -> String) -> String {
        let whole = "of \(clock(file.seconds))"
        return isTriage ? "of the \(clock(readSeconds)) that were read, \(whole) in all" : whole
    }
}

extension Answer.Reference {
    var text: String { String(format: "%@, in which %.0f %% of the recording was found", name, 100 * coverage) }

    /// How many cannot be judged, who are not named here; nil if everybody can.
    var excludedText: String? {
        guard !excluded.isEmpty else { return nil }
        return "\(excluded.count) endpoint\(excluded.count == 1 ? "" : "s") whose mark the reference carries itself"
    }
}

extension FileOutcome {
    /// The answer for people; nil for a refusal.
    public var text: String? { text(namesTraces: false) }

    /// The same; `namesTraces`: whether endpoints are named whose mark is a trace only.
    public func text(namesTraces: Bool) -> String? {
        guard let answer else { return nil }
        let own =
            answer.text(namesTraces: namesTraces) + (id.map { "\n\nStored as \($0) on \(date)." } ?? "")
            + (made.map { "\n" + $0.text } ?? "")
        guard let further else { return own }
        let head = "The recording shows \(1 + further.count) meetings, the strongest first.\n\n"
        let others = further.compactMap { $0.text(namesTraces: namesTraces) }
        return head + ([own] + others).joined(separator: "\n\n")
    }
}

extension AnalysesMade {
    /// How many, and what follows, in a sentence.
    var text: String {
        let known = ofMeeting.map { "Analysis \($0) against this meeting, \(inStore) with this store" }
        return (known ?? "Analysis \(inStore) with this store")
            + ": each may name somebody wrongly within its limit, and the limits add up."
    }
}

extension Answer.Tested {
    /// One number, or two where the price depends on the alignment.
    func neededText(_ number: (Double) -> String) -> String {
        mostRequiredZ.map { "\(number(requiredZ)) to \(number($0))" } ?? number(requiredZ)
    }
}

extension Answer {
    /// The answer for people; nobody is named who is not identified.
    public var text: String { text(namesTraces: false) }

    /// The same; `namesTraces`: whether endpoints are named whose mark is a trace only.
    public func text(namesTraces: Bool, bundleRevoked: String? = nil) -> String {
        var parts = [head(bundleRevoked)]
        for (index, source) in sources.enumerated() {
            let isNamed = source.verdict == .identified || namesTraces
            parts.append(text(source, number: index + 1, isNamed: isNamed))
        }
        if let talkers { parts.append(text(talkers)) }
        if !unmarkable.isEmpty {
            parts.append("Endpoints that carry no mark and may have recorded unseen: \(unmarkable.kindsText).")
        }
        let warning = bundle == nil ? "Warning" : "Warning of the worker"
        parts.append(contentsOf: warnings.map { "\(warning): \(OutputText.message($0))" })
        if let hint { parts.append("Hint: \(OutputText.message(hint))") }
        parts.append(statements.map(OutputText.message).joined(separator: "\n"))
        return parts.joined(separator: "\n\n")
    }

    private var hasWholeBound: Bool { tested.log10Threshold == tested.log10Threshold.rounded() }

    private func head(_ bundleRevoked: String?) -> String {
        let paid =
            (search.map { "\($0.meetings) meetings with " } ?? "")
            + "\(tested.candidates) candidates x \(tested.hypotheses) hypotheses"
            + (tested.times.map { ", \($0) further times" } ?? "")
            + (tested.placements.map { ", \($0) placements" } ?? "") + ", "
            + "bound \(Answer.power(tested.log10Threshold, digits: hasWholeBound ? 0 : 1))"
            + ", z of \(tested.neededText { String(format: "%.1f", $0) }) needed"
        let heard =
            pilot.isPresent
            ? "present (\(Answer.power(pilot.log10FalsePresence, digits: 0)))"
                + (pilot.levelDecibels.map { String(format: ", %.1f dB relative to a fresh mark", $0) } ?? "")
            : "not proven"
        return OutputText.message(summary) + "\n\n"
            + Table.list([
                "verdict": condition.label(verdict.rawValue), "file": file.name,
                "content": "\(file.container), \(Answer.clock(file.seconds)), \(file.bytes) bytes",
                "SHA-256": file.sha256, "damage": file.damageText,
                "meeting": meeting.map { "\($0.title) (\($0.id)), \($0.start)" } ?? "none of those that were searched",
                "stated": playedAt.map { "played \($0.text), \($0.time); tried first" },
                "reference": reference?.text, "not judged": reference?.excludedText, "searched": paid,
                "left out": search?.leftOut, "looked at first": triage.map { $0.text(of: file.seconds) },
                "meeting's mark": heard,
            ]) + (workerText(revoked: bundleRevoked).map { "\n\n" + OutputText.message($0) } ?? "")
    }

    /// That the answer came from a worker, and what follows; nil if it was made where the store is.
    ///
    /// `revoked`: when the worker's bundle was revoked; nil if it was not.
    package func workerText(revoked: String? = nil) -> String? {
        bundle.map {
            let revocation = revoked.map {
                "That bundle was revoked on \($0), as one that others may have had: nothing rests on this answer. "
            }
            return "This answer was made by a worker with the sealed bundle \($0), and was not repeated where the "
                + "store is: whoever had that bundle and its key could have written it. " + (revocation ?? "")
                + "Before it is held against anybody, analyse the recording again where the store is."
        }
    }

    private func text(_ source: Source, number: Int, isNamed: Bool) -> String {
        let (power, clock) = (Answer.power, Answer.clock)
        let list = Table.list([
            "source \(number)": isNamed
                ? "\(source.participant) <\(source.email)>, \(source.device) (\(source.kind))"
                : "\(source.unnamedText) (--name-traces tells)",
            "client": isNamed ? source.client.text : nil, "verdict": condition.label(source.verdict.rawValue),
            "evidence": "by chance at most \(power(source.log10FalseAccusation, 1)); the method's limit is "
                + "\(power(tested.log10Threshold, hasWholeBound ? 0 : 1))",
            "strength": source.strengthDecibels.map {
                String(format: "%+.1f dB relative to the meeting's pilot", $0)
            },
            "level": source.levelDecibels.map { String(format: "%+.1f dB relative to a fresh mark", $0) },
            "microphone tag": source.microphone?.text(of: source.client, isNamed: isNamed),
            "content": source.content?.text, "found in": place(of: source),
            "objections": source.objections?.map(\.text).joined(separator: "\n"),
            "speed and pitch": source.warpText,
            "heard for": clock(source.heardSeconds) + (isTriage ? " \(ofLength(clock))" : ""),
        ])
        var table = Table("FROM", "TO", "MEETING TIME", "PLAYED AT", "UNCERTAINTY", "Z")
        for span in source.heard {
            table.add(
                clock(span.from), span.isSkipped == true ? "not shown" : clock(span.to), clock(span.meetingFrom),
                span.playedAt,
                String(format: "%.3f s", span.uncertaintySeconds), String(format: "%.1f", span.z))
        }
        let notice = isNamed ? source.notice.map { $0 + "\n\n" } ?? "" : ""
        return list + "\n\n" + notice + (source.reason.map { OutputText.message($0) + "\n\n" } ?? "") + table.text
    }

    private func text(_ talkers: [Talker]) -> String {
        guard verdict != .detached else { return Talker.copiedText }
        guard !talkers.isEmpty else { return "By microphone tags, nobody was heard to talk." }
        var table = Table("TALKER", "DEVICE", "FROM", "TO", "CHANCE")
        for talker in talkers {
            for span in talker.heard {
                table.add(
                    "\(talker.participant) <\(talker.email)>", talker.device, Answer.clock(span.from),
                    Answer.clock(span.to),
                    "at most \(Answer.power(talker.log10Chance))")
            }
        }
        return table.text + "\n" + Talker.meaning
    }

    /// A power of ten whose exponent is rounded up: no bound reads stronger than it is proven.
    private static func power(_ exponent: Double, digits: Int = 1) -> String {
        PowerText.text(log10: exponent, digits: digits)
    }

    /// Seconds as h:mm:ss.
    private static func clock(_ seconds: Double) -> String {
        let total = abs(seconds).rounded(.down).clamped
        let text = String(format: "%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60)
        return seconds < 0 && total > 0 ? "-" + text : text
    }
}

extension Answer.Source {
    /// What stands where a name would be of a source that accuses nobody.
    var unnamedText: String {
        "not named: a \(verdict == .detached ? "detached mark" : "trace") accuses nobody"
    }

    /// Why a source that is named on request is not accused; nil for one that is identified.
    var notice: String? {
        switch verdict {
        case .detached:
            "This is no accusation: the mark does not fit this audio, and whoever copied it there need not have been "
                + "at its endpoint."
        case .trace:
            "This is no accusation: the mark is in the recording, but may have come there as an echo through somebody "
                + "else's microphone, and then its endpoint recorded nothing."
        case .identified, .inconclusive, .incomplete, .notFound: nil
        }
    }
}

extension [Answer.Unmarkable] {
    /// How many of which kind, without names: `2 (telephone, web)`.
    var kindsText: String { "\(count) (\(Set(map(\.kind)).sorted().joined(separator: ", ")))" }
}
