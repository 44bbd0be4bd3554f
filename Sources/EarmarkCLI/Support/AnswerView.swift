import EarmarkAnalysis
import EarmarkDetect
import EarmarkMedia
import EarmarkStore
import Foundation

/// The answer to one file, as JSON; docs/json-schema.md documents every field.
struct AnswerView: Codable {
    struct MeetingPart: Codable {
        let id: String
        let title: String
        let start: String
    }

    struct Source: Codable {
        let verdict: String
        let client: String
        let participant: String
        let email: String
        let device: String
        let kind: String
        let log10FalseAccusation: Double
        let z: Double
        let strengthDecibels: Double?
        /// Absent from answers of versions that did not measure it, like the next two.
        let levelDecibels: Double?
        let leastLevelDecibels: Double?
        /// Why the verdict is `trace`.
        let reason: String?
        let pitch: Double
        let rate: Double
        let heardSeconds: Double
        let heard: [Span]
    }

    struct Span: Codable {
        let from: Double
        let to: Double
        let meetingFrom: Double
        let meetingTo: Double
        let playedAt: String
        let uncertaintySeconds: Double
        let z: Double
    }

    struct Candidate: Codable {
        let client: String
        let participant: String
        let email: String
        let device: String
        let log10FalseAccusation: Double
        let z: Double
    }

    struct Unmarkable: Codable {
        let client: String
        let participant: String
        let email: String
        let device: String
        let kind: String
    }

    struct Tested: Codable {
        let candidates: Int
        let hypotheses: Int
        /// Further meeting times that were paid for beside them, if any.
        let times: Int?
        /// Frames of the meeting that were paid for beside them, if any.
        let placements: Int?
        let log10Threshold: Double
        /// Evidence that suffices on the likeliest alignment.
        let requiredZ: Double
        /// Evidence that suffices on every alignment, if those differ.
        let mostRequiredZ: Double?
        let effort: String

        /// Evidence that suffices wherever it is found among the alignments.
        var sufficientZ: Double { mostRequiredZ ?? requiredZ }

        /// One number, or two where the price depends on the alignment.
        func neededText(_ number: (Double) -> String) -> String {
            mostRequiredZ.map { "\(number(requiredZ)) to \(number($0))" } ?? number(requiredZ)
        }
    }

    /// What was searched where the meeting was not known; absent where it was.
    struct Search: Codable {
        /// Meetings that were compared with the recording.
        let meetings: Int
        /// Meetings that could not be, for want of the shares of their keys.
        let withoutShares: Int
        /// Meetings that could not be, for want of their keys.
        let withoutKey: Int
        let since: String?
        let until: String?
    }

    /// A clean copy of the meeting that was taken into account.
    struct ReferencePart: Codable {
        struct Excluded: Codable {
            let client: String
            let participant: String
            let email: String
            let device: String
        }

        let name: String
        let sha256: String
        let seconds: Double
        /// Share of the recording that was found in it.
        let coverage: Double
        /// Clients whose marks the copy carries: they cannot be named by its help.
        let excluded: [Excluded]
    }

    /// The meeting that an answer is about, and its markable clients in the order they were examined.
    struct Inquiry {
        let subject: AnalysisSubject
        let markable: [EarmarkStore.Candidate]
    }

    struct Pilot: Codable {
        let isPresent: Bool
        let log10FalsePresence: Double
        let score: Double
        let levelDecibels: Double?
        let expectedZ: Double
    }

    struct FilePart: Codable {
        var name: String
        let container: String
        let bytes: Int64
        let sha256: String
        let seconds: Double
        let tracks: [AudioTrack]
        let corruptPackets: Int
        let isTruncated: Bool
    }

    let verdict: String
    let summary: String
    var file: FilePart
    /// Nil if all were searched and none found.
    let meeting: MeetingPart?
    let search: Search?
    let sources: [Source]
    let candidates: [Candidate]
    let unmarkable: [Unmarkable]
    let tested: Tested
    let pilot: Pilot
    let warnings: [String]
    let statements: [String]
    /// The clean copy of the meeting that helped; nil without one.
    var reference: ReferencePart?
    /// What else to try; nil if nothing comes to mind.
    var hint: String?
    var name: String
    var note: String
    let toolVersion: String

    /// What every report says, whatever the verdict.
    static let statements = [
        "The answer names an endpoint: the client or device whose played-out audio was recorded. It does not name the "
            + "hand that recorded it.",
        "Marks are in what an endpoint plays out. The voice of the person who recorded is therefore never marked by "
            + "their own endpoint.",
    ]
}

extension AnswerView {
    /// Joins what was found with who is enrolled; `inquiry` is nil where a search found no meeting.
    init(
        _ examination: Examination, path: String, of inquiry: Inquiry?, settings: OrganisationSettings, effort: Effort,
        words: AnalysisWords, search: Search? = nil
    ) {
        let detection = examination.detection
        let markable = inquiry?.markable ?? []
        let start = inquiry?.subject.meeting.startsAt ?? 0
        let threshold = settings.log10Threshold
        let verdict = Verdict.of(detection, log10Threshold: threshold)
        func requiredZ(_ log10Tests: Double) -> Double {
            RademacherBound.requiredZ(log10Threshold: threshold, log10Hypotheses: log10Tests + log10(2))
        }
        self.verdict = verdict.rawValue
        file = FilePart(
            name: (path as NSString).lastPathComponent, container: examination.container.rawValue,
            bytes: examination.byteCount, sha256: examination.sha256, seconds: examination.seconds,
            tracks: examination.tracks, corruptPackets: examination.corruptPackets, isTruncated: examination.isTruncated
        )
        meeting = (inquiry?.subject.meeting).map {
            MeetingPart(id: $0.id, title: $0.title, start: UTCTime.text($0.startsAt))
        }
        self.search = search
        sources = zip(detection.sources, CrossTalk.judgements(detection.sources)).map {
            Source($0, markable[$0.candidate], $1, start: start)
        }
        candidates = detection.runnersUp.map { score in
            let who = markable[score.candidate]
            return Candidate(
                client: who.clientID, participant: who.participant, email: who.email, device: who.device,
                log10FalseAccusation: score.log10FalseAccusation, z: score.z)
        }
        unmarkable = (inquiry?.subject.candidates ?? []).filter { !$0.isMarkable }.map {
            Unmarkable(
                client: $0.clientID, participant: $0.participant, email: $0.email, device: $0.device,
                kind: $0.kind.rawValue)
        }
        tested = Tested(
            candidates: detection.candidates, hypotheses: detection.hypotheses,
            times: detection.times > 0 ? detection.times : nil,
            placements: detection.placements > 0 ? detection.placements : nil, log10Threshold: threshold,
            requiredZ: requiredZ(detection.log10Tests),
            mostRequiredZ: detection.hypothesesPerChannel > 1 ? requiredZ(detection.log10MostTests) : nil,
            effort: effort.rawValue)
        pilot = Pilot(
            isPresent: detection.log10Presence <= threshold, log10FalsePresence: detection.log10Presence,
            score: detection.pilotScore, levelDecibels: detection.pilotLevel, expectedZ: detection.expectedZ)
        warnings = examination.warnings
        statements = AnswerView.statements
        name = words.name
        note = words.note
        toolVersion = Version.current
        summary = AnswerView.summary(verdict, sources, pilot: pilot, requiredZ: tested.sufficientZ, search: search)
    }

    private static func summary(
        _ verdict: Verdict, _ sources: [Source], pilot: Pilot, requiredZ: Double, search: Search?
    ) -> String {
        switch verdict {
        case .identified:
            let who = sources.filter { $0.verdict == Verdict.identified.rawValue }
                .map { "\($0.participant) <\($0.email)>, \($0.device)" }.joined(separator: "; ")
            let isAlone = sources.allSatisfy { $0.verdict == Verdict.identified.rawValue }
            return "The recording carries the mark of: \(who)."
                + (isAlone ? "" : " Weaker marks beside that may have come through open microphones; they name nobody.")
        case .trace:
            return "A mark is present that meets the bound, but it is so weak that it may have come through another "
                + "participant's open microphone. Nobody is named as the recorder."
        case .inconclusive:
            return "The recording is of this meeting, but no enrolled client reaches the bound. No conclusion."
        case .notFound:
            let expectation =
                pilot.expectedZ >= requiredZ
                ? "In audio of this quality a full mark would be expected at %.1f standard deviations, and %.1f are needed."
                : "Even a full mark would be expected to reach only %.1f of the %.1f standard deviations needed: the "
                    + "recording is too poor or too short to tell."
            let what =
                search.map { "The mark of none of \($0.meetings) meetings was found. " }
                ?? "This meeting's mark was not found. "
            return what + String(format: expectation, pilot.expectedZ, requiredZ)
        }
    }
}

extension AnswerView.ReferencePart {
    init(_ reference: AnalysisSession.Reference, coverage: Double) {
        name = reference.recording.name
        sha256 = reference.recording.sha256
        seconds = reference.recording.seconds
        self.coverage = coverage
        excluded = reference.clients.map {
            Excluded(client: $0.clientID, participant: $0.participant, email: $0.email, device: $0.device)
        }
    }
}

extension AnswerView.Source {
    init(
        _ source: Detection.Source, _ who: EarmarkStore.Candidate, _ judgement: CrossTalk.Judgement, start: Int64
    ) {
        verdict = Verdict.of(judgement).rawValue
        client = who.clientID
        participant = who.participant
        email = who.email
        device = who.device
        kind = who.kind.rawValue
        log10FalseAccusation = source.log10FalseAccusation
        z = source.z
        strengthDecibels = source.strength
        levelDecibels = source.level.decibels.isFinite ? source.level.decibels : nil
        leastLevelDecibels = source.level.leastDecibels.isFinite ? source.level.leastDecibels : nil
        switch judgement {
        case .recorded: reason = nil
        case .weakAlone:
            reason =
                "This mark is in the recording, but as weak as an echo of this endpoint's loudspeaker in somebody's open "
                + "microphone would leave it, and no stronger mark stands beside it."
        case .weakBeside:
            reason =
                "This mark stands beside a much stronger one, late or early by as much as an echo of this endpoint's "
                + "loudspeaker in an open microphone would be, and as weak."
        }
        pitch = source.pitch
        rate = source.rate
        heardSeconds = source.spans.reduce(0) { $0 + $1.recording.upperBound - $1.recording.lowerBound }
        heard = source.spans.map { span in
            let length = span.recording.upperBound - span.recording.lowerBound
            return AnswerView.Span(
                from: span.recording.lowerBound, to: span.recording.upperBound, meetingFrom: span.meetingStart,
                meetingTo: span.meetingStart + length * source.rate,
                playedAt: UTCTime.text(start + Int64(span.meetingStart.rounded(.down))),
                uncertaintySeconds: span.uncertainty, z: span.z)
        }
    }
}
