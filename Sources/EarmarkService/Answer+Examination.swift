import EarmarkAnalysis
import EarmarkAnswer
import EarmarkDetect
import EarmarkFiles
import EarmarkMark
import EarmarkMedia
import EarmarkOutput
import EarmarkStore
import Foundation

extension Answer {
    /// The meeting that an answer is about, and its markable clients in the order they were examined.
    struct Inquiry {
        let subject: AnalysisSubject
        let markable: [SeededClient]
    }

    /// What every answer says, whatever the verdict.
    static let standingStatements = [
        "The answer names an endpoint: the client or device whose played-out audio was recorded. It does not name the "
            + "hand that recorded it.",
        "Marks are in what an endpoint plays out. The voice of the person who recorded is therefore never marked by "
            + "their own endpoint.",
    ]
}

extension Answer {
    /// What an answer says of itself, whatever its verdict.
    static func statements(_ playedAt: PlayedAt?) -> [String] {
        standingStatements + [playedAt?.statement].compactMap { $0 }
    }

    /// Joins what was found with who is enrolled; `inquiry` is nil where a search found no meeting.
    init(
        _ examination: Examination, path: String, of inquiry: Inquiry?, settings: OrganisationSettings, effort: Effort,
        label: AnalysisLabel, search: Search? = nil, playedAt: PlayedAt? = nil
    ) {
        let detection = examination.detection
        let markable = inquiry?.markable ?? []
        let start = inquiry?.subject.meeting.startsAt ?? 0
        let verdict = Verdict(
            detection, log10Threshold: settings.log10Threshold, isComplete: examination.omitted.isEmpty)
        let sources = zip(detection.sources, CrossTalk.judgements(detection.sources)).map {
            Source($0, $1, markable: markable, start: start, log10Threshold: settings.log10Threshold)
        }
        let pilot = Pilot(detection, log10Threshold: settings.log10Threshold)
        let tested = Tested(detection, log10Threshold: settings.log10Threshold, effort: effort)
        self.init(
            verdict: verdict,
            summary: Answer.summary(
                verdict, sources, pilot: pilot, requiredZ: tested.sufficientZ, search: search,
                unexamined: examination.omitted, seconds: examination.seconds),
            file: File(examination, path: path), meeting: (inquiry?.subject.meeting).map(Meeting.init),
            search: search, sources: sources,
            unmarkable: (inquiry?.subject.candidates ?? []).filter { !$0.isMarkable }.map(Unmarkable.init),
            tested: tested, pilot: pilot, warnings: Answer.unexamined(examination) + examination.warnings,
            statements: Answer.statements(playedAt),
            reference: nil, hint: nil, name: label.name, note: label.note, toolVersion: EarmarkVersion.current)
        profile = MarkProfile.inForce.rawValue
        triage = examination.triage.map(Triage.init)
        summary = (leftOpen.map { $0 + " " } ?? "") + summary
        self.playedAt = playedAt
    }

    /// What was not examined, as warnings.
    private static func unexamined(_ examination: Examination) -> [String] {
        examination.omitted.map { track in
            let isPart = examination.tracks.contains { $0.position == track.position }
            return "audio track \(track.position + 1) (\(track.codec)) was not examined"
                + "\(isPart ? " as a whole" : ""): \(track.reason)"
        }
    }

    /// What was not examined, in a sentence.
    private static func leftOut(_ tracks: [OmittedTrack]) -> String {
        let named = tracks.prefix(3).map { "audio track \($0.position + 1) (\($0.codec)): \($0.reason)" }
        let more = tracks.count > named.count ? "; and \(tracks.count - named.count) more" : ""
        return "Not all of the recording was examined, and the mark may be in what was not: "
            + named.joined(separator: "; ") + more + "."
    }

    /// That a search left meetings out, in a sentence; empty if it did not.
    private static func leftOut(_ search: Search) -> String {
        switch search.leftOutCount {
        case 0: ""
        case 1: "Not all meetings were searched: 1 was left out, and the recording may be of it. "
        case let count:
            "Not all meetings were searched: \(count) were left out, and the recording may be of one of them. "
        }
    }

    /// What content cells leave open, or deny of parts, of those who are named.
    private static func contentText(_ sources: [Source]) -> String {
        let named = sources.filter { $0.verdict == .identified }
        if named.contains(where: { $0.content?.state == .open }) {
            return copiedText
        }
        let isEdited = named.contains { source in
            source.content?.stretches.contains { $0.state == .contradicted } ?? false
        }
        return isEdited
            ? " In parts of the recording that endpoint's mark is missing or does not fit: other audio, or cuts." : ""
    }

    private static let copiedText =
        " Whether it was put on this audio cannot be told: that it was copied from another recording is not excluded."

    /// Marks that name nobody beside those that do.
    private static func besideText(_ sources: [Source]) -> String {
        let beside = sources.map(\.verdict)
        return
            (beside.contains(.trace)
            ? " Marks beside that may have come through open microphones; they name nobody." : "")
            + (beside.contains(.detached)
                ? " A mark beside that does not fit this audio, as one that was copied; it names nobody." : "")
    }

    /// How a source is called; workers know no names.
    private static func name(_ source: Source) -> String {
        guard !source.email.isEmpty else { return "client \(source.client)" }
        // Each by itself, so that names from right to left do not reorder what stands beside them.
        return "\(OutputText.field(source.participant)) <\(OutputText.field(source.email))>, "
            + OutputText.field(source.device)
    }

    static func summary(
        _ verdict: Verdict, _ sources: [Source], pilot: Pilot, requiredZ: Double, search: Search?,
        unexamined: [OmittedTrack], seconds: Double
    ) -> String {
        switch verdict {
        case .identified:
            let who = sources.filter { $0.verdict == .identified }.map(Answer.name).joined(separator: "; ")
            return "The recording carries the mark of: \(who)." + Answer.contentText(sources)
                + Answer.besideText(sources)
        case .detached:
            return
                "A mark is present that meets the bound, but it does not fit this audio: it was copied from another "
                + "recording, or louder audio lies over it. Nobody is named."
        case .trace:
            let isOpen = sources.contains { $0.content?.state == .open }
            return "A mark is present that meets the bound, but it may have come through an open microphone. Nobody is "
                + "named as the recorder." + (isOpen ? Answer.copiedText : "")
        case .inconclusive:
            return "The recording is of this meeting, but no enrolled client reaches the bound. No conclusion."
        case .incomplete, .notFound:
            let what =
                search.map { "The mark of none of \($0.meetings) meetings was found." }
                ?? "This meeting's mark was not found."
            let missing = verdict == .incomplete ? Answer.leftOut(unexamined) + " In what was examined: " : ""
            if search == nil, Answer.isSoundless(pilot, seconds: seconds) {
                return "\(missing)The recording is silent, or has no sound that could carry a mark (a steady tone "
                    + "carries none)."
            }
            let couldShow = Answer.expectation(pilot, requiredZ: requiredZ)
            return missing + (search.map(Answer.leftOut) ?? "")
                + (pilot.leastExpectedZ >= requiredZ
                    ? "\(what) In \(couldShow)" : "\(Answer.missed) in \(couldShow) \(what)")
        }
    }

    /// How an answer begins that may have missed a mark.
    private static let missed = "A mark could have been missed here:"

    /// What a full mark would have reached, in words that follow "in".
    private static func expectation(_ pilot: Pilot, requiredZ: Double) -> String {
        let range = String(format: "%.1f to %.1f", pilot.leastExpectedZ, pilot.mostExpectedZ)
        let reached = String(format: "about %.1f standard deviations", pilot.expectedZ)
        return pilot.mostExpectedZ < requiredZ
            ? "audio this poor or short even a full mark would have reached only \(reached) (\(range) in nine of ten "
                + String(format: "known recordings like it), and %.1f are needed.", requiredZ)
            : "this audio a full mark would have reached \(reached) (\(range) in nine of ten known recordings like "
                + String(format: "it), and %.1f are needed.", requiredZ)
    }
}
