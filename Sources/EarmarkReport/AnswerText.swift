public import EarmarkAnswer
import EarmarkFiles
import Foundation

extension Answer.Source {
    /// How the recording was sped up or shifted; nil if it was not.
    fileprivate var warpText: String? {
        guard rate != 1 || pitch != 1 else { return nil }
        return String(format: "%.1f %% of the speed, %.1f %% of the pitch", 100 * rate, 100 * pitch)
    }
}

extension Answer.Search {
    /// Meetings that could not be searched; nil if all could.
    var leftOut: String? {
        let parts = [
            withoutShares > 0 ? "\(withoutShares) meetings with split keys (name the shares with --share)" : nil,
            withoutKey > 0 ? "\(withoutKey) meetings whose keys are gone" : nil,
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

extension Answer.Reference {
    var text: String { String(format: "%@, in which %.0f %% of the recording was found", name, 100 * coverage) }

    /// Who cannot be judged; nil if everybody can.
    var excludedText: String? {
        guard !excluded.isEmpty else { return nil }
        return excluded.map { "\($0.participant) <\($0.email)>, \($0.device)" }.joined(separator: "; ")
            + ": the reference carries their mark"
    }
}

extension FileOutcome {
    /// The answer for people; nil for a refusal.
    public var text: String? {
        guard let answer else { return nil }
        let own = answer.text + (id.map { "\n\nStored as \($0) on \(date)." } ?? "")
        guard let further else { return own }
        let head = "The recording shows \(1 + further.count) meetings, the strongest first.\n\n"
        return head + ([own] + further.compactMap(\.text)).joined(separator: "\n\n")
    }
}

extension Answer.Tested {
    /// One number, or two where the price depends on the alignment.
    func neededText(_ number: (Double) -> String) -> String {
        mostRequiredZ.map { "\(number(requiredZ)) to \(number($0))" } ?? number(requiredZ)
    }
}

extension Answer {
    /// The answer for people.
    public var text: String {
        var parts = [head]
        for (index, source) in sources.enumerated() { parts.append(Answer.text(source, number: index + 1)) }
        if let talkers { parts.append(Answer.text(talkers)) }
        if !candidates.isEmpty { parts.append(weaker) }
        if !unmarkable.isEmpty {
            parts.append(
                "Endpoints that carry no mark and may have recorded unseen: "
                    + unmarkable.map { "\($0.participant) (\($0.device), \($0.kind))" }.joined(separator: ", ") + ".")
        }
        parts.append(contentsOf: warnings.map { "Warning: \($0)" })
        if let hint { parts.append("Hint: \(hint)") }
        parts.append(statements.joined(separator: "\n"))
        return parts.joined(separator: "\n\n")
    }

    private var head: String {
        let hasWholeBound = tested.log10Threshold == tested.log10Threshold.rounded()
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
        return summary + "\n\n"
            + Table.list([
                "verdict": verdict.rawValue, "file": file.name,
                "content": "\(file.container), \(Answer.clock(file.seconds)), \(file.bytes) bytes",
                "SHA-256": file.sha256, "damage": file.damageText,
                "meeting": meeting.map { "\($0.title) (\($0.id)), \($0.start)" } ?? "none of those that were searched",
                "reference": reference?.text, "not judged": reference?.excludedText, "searched": paid,
                "left out": search?.leftOut, "meeting's mark": heard,
            ])
    }

    private static func text(_ source: Source, number: Int) -> String {
        let list = Table.list([
            "source \(number)": "\(source.participant) <\(source.email)>, \(source.device) (\(source.kind))",
            "client": source.client.text, "verdict": source.verdict.rawValue,
            "false accusation": "at most \(power(source.log10FalseAccusation))",
            "strength": source.strengthDecibels.map {
                String(format: "%+.1f dB relative to the meeting's pilot", $0)
            },
            "level": source.levelDecibels.map { String(format: "%+.1f dB relative to a fresh mark", $0) },
            "microphone tag": source.microphone?.text(of: source.client), "content": source.content?.text,
            "speed and pitch": source.warpText,
            "heard for": clock(source.heardSeconds),
        ])
        var table = Table("FROM", "TO", "MEETING TIME", "PLAYED AT", "UNCERTAINTY", "Z")
        for span in source.heard {
            table.add(
                clock(span.from), span.isSkipped == true ? "not shown" : clock(span.to), clock(span.meetingFrom),
                span.playedAt,
                String(format: "%.3f s", span.uncertaintySeconds), String(format: "%.1f", span.z))
        }
        return list + "\n\n" + (source.reason.map { $0 + "\n\n" } ?? "") + table.text
    }

    private static func text(_ talkers: [Talker]) -> String {
        guard !talkers.isEmpty else { return "Nobody's microphone tag was heard." }
        var table = Table("TALKER", "DEVICE", "FROM", "TO", "CHANCE")
        for talker in talkers {
            for span in talker.heard {
                table.add(
                    "\(talker.participant) <\(talker.email)>", talker.device, clock(span.from), clock(span.to),
                    "at most \(power(talker.log10Chance))")
            }
        }
        return table.text
    }

    private var weaker: String {
        var table = Table("WEAKER CANDIDATE", "DEVICE", "Z", "BOUND")
        for candidate in candidates {
            table.add(
                candidate.email, candidate.device, String(format: "%.2f", candidate.z),
                candidate.log10FalseAccusation < 0 ? Answer.power(candidate.log10FalseAccusation) : "none")
        }
        return table.text
    }

    /// A power of ten whose exponent is rounded up: no bound reads stronger than it is proven.
    private static func power(_ exponent: Double, digits: Int = 1) -> String {
        let steps = pow(10, Double(digits))
        return String(format: "1e%.\(digits)f", (exponent * steps).rounded(.up) / steps + 0)
    }

    /// Seconds as h:mm:ss.
    private static func clock(_ seconds: Double) -> String {
        let total = Int(abs(seconds).rounded(.down))
        let text = String(format: "%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60)
        return seconds < 0 ? "-" + text : text
    }
}
