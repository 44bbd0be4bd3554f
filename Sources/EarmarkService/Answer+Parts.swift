import EarmarkAnalysis
import EarmarkAnswer
import EarmarkDetect
import EarmarkFiles
import EarmarkMedia
import EarmarkStore
import Foundation

extension Answer.File {
    init(_ examination: Examination, path: String) {
        self.init(
            name: FilePath.lastPart(path), container: examination.container.rawValue,
            bytes: examination.byteCount, sha256: examination.sha256, seconds: examination.seconds,
            tracks: examination.tracks.map(Answer.Track.init),
            unexamined: examination.omitted.isEmpty ? nil : examination.omitted.map(Answer.UnexaminedTrack.init),
            corruptPackets: examination.corruptPackets,
            isTruncated: examination.isTruncated)
    }
}

extension Answer.Track {
    init(_ track: AudioTrack) {
        self.init(
            index: track.position, codec: track.codec, sampleRate: track.sampleRate, channels: track.channels,
            language: track.language, declaredSeconds: track.declaredSeconds)
    }
}

extension Answer.UnexaminedTrack {
    init(_ track: OmittedTrack) { self.init(index: track.position, codec: track.codec, reason: track.reason) }
}

extension Answer.Meeting {
    init(_ meeting: Meeting) {
        self.init(id: meeting.id, title: meeting.title, start: meeting.startsAt.text)
    }
}

extension Answer.Unmarkable {
    init(_ who: SeededClient) {
        self.init(
            client: who.clientID, participant: who.participant, email: who.email, device: who.device,
            kind: who.kind.rawValue)
    }
}

extension Answer.Tested {
    init(_ detection: Detection, log10Threshold: Double, effort: Effort) {
        func requiredZ(_ log10Tests: Double) -> Double {
            // The first round of naming pays double.
            RademacherBound.requiredZ(log10Threshold: log10Threshold, log10Hypotheses: log10Tests + log10(2))
        }
        self.init(
            candidates: detection.candidates, hypotheses: detection.hypotheses,
            times: detection.times > 0 ? detection.times : nil,
            placements: detection.placements > 0 ? detection.placements : nil,
            shares: detection.otherShares > 0 ? detection.shares : nil, log10Threshold: log10Threshold,
            requiredZ: requiredZ(detection.log10Tests),
            mostRequiredZ: detection.hypothesesPerChannel > 1 ? requiredZ(detection.log10MostTests) : nil,
            effort: effort.rawValue)
    }
}

extension Answer.Triage {
    init(_ triage: Triage) {
        self.init(
            isAnswer: triage.isAnswer, seconds: triage.seconds,
            stretches: triage.stretches.map {
                Stretch(track: $0.track, from: $0.recording.lowerBound, to: $0.recording.upperBound)
            })
    }
}

extension Answer.Pilot {
    init(_ detection: Detection, log10Threshold: Double) {
        self.init(
            isPresent: detection.log10Presence <= log10Threshold, log10FalsePresence: detection.log10Presence,
            score: detection.pilotScore, levelDecibels: detection.pilotLevel,
            expectedZ: detection.expectation.z, leastExpectedZ: detection.expectation.least,
            mostExpectedZ: detection.expectation.most)
    }
}

extension Answer.Reference {
    init(_ reference: AnalysisSession.Reference, coverage: Double) {
        self.init(
            name: reference.recording.name, sha256: reference.recording.sha256, seconds: reference.recording.seconds,
            coverage: coverage,
            excluded: reference.clients.map {
                Answer.Excluded(
                    client: $0.clientID, participant: $0.participant, email: $0.email, device: $0.device)
            })
    }
}

extension Answer.Source {
    /// `markable` are the clients that sources and judgements refer to.
    init(
        _ source: Detection.Source, _ judgement: CrossTalk.Judgement, markable: [SeededClient], start: Timestamp,
        log10Threshold: Double
    ) {
        let who = markable[source.candidate]
        self.init(
            verdict: Verdict(judgement), client: who.clientID, participant: who.participant, email: who.email,
            device: who.device, kind: who.kind.rawValue, log10FalseAccusation: source.log10FalseAccusation,
            z: source.z, strengthDecibels: source.strength,
            levelDecibels: source.level.decibels.isFinite ? source.level.decibels : nil,
            leastLevelDecibels: source.level.leastDecibels.isFinite ? source.level.leastDecibels : nil,
            reason: Answer.Source.reason(judgement), pitch: source.pitch, rate: source.rate,
            heardSeconds: source.spans.reduce(0) { $0 + $1.seconds },
            heard: source.spans.map { Answer.Span($0, rate: source.rate, start: start) },
            microphone: Answer.Microphone(source, markable),
            content: Answer.Content(source, log10Threshold: log10Threshold))
    }

    /// All that `reason` may be of a source that is not identified.
    package static let reasons = Set(
        [
            CrossTalk.Judgement.detached, .weakAlone, .weakBeside, .ownMicrophone, .otherMicrophone(0), .undecided(0),
        ].compactMap(reason))

    /// Why a source is a trace only, without anybody's name; nil if it is not.
    private static func reason(_ judgement: CrossTalk.Judgement) -> String? {
        switch judgement {
        case .recorded: nil
        case .detached:
            "The mark is this endpoint's, but it does not fit this audio: a genuine mark as strong would agree with "
                + "what is said here, and this one does not. It was copied from a recording of other audio, or louder "
                + "audio lies over what it was put on."
        case .weakAlone:
            "This mark is in the recording, but as weak as an echo of this endpoint's loudspeaker in somebody's open "
                + "microphone would leave it, and no stronger mark stands beside it."
        case .weakBeside:
            "This mark stands beside a much stronger one, late or early by as much as an echo of this endpoint's "
                + "loudspeaker in an open microphone would be, and as weak."
        case .ownMicrophone:
            "The tag of this endpoint's microphone stands beside the mark: it came through its own microphone, as an "
                + "echo would that somebody else recorded, or whoever holds the endpoint's ticket made it look so."
        case .otherMicrophone:
            "The tag of another microphone stands beside the mark: it came through another endpoint's microphone, as "
                + "an echo of this endpoint's loudspeaker would, or whoever holds that endpoint's ticket made it look "
                + "so."
        case .undecided:
            "Beside this mark stands the tag of another endpoint's microphone. Either the mark came through that "
                + "microphone, or somebody talked there and the clocks of the two endpoints differ."
        }
    }
}

extension Answer.Microphone {
    /// What tags say of `source`, whose candidate is one of `markable`.
    init(_ source: Detection.Source, _ markable: [SeededClient]) {
        let who = markable[source.candidate]
        switch MicrophoneEvidence(source) {
        case .own:
            self.init(
                state: .heard, client: who.clientID, participant: who.participant, isOnlyStated: nil, z: source.tag?.z,
                delaySeconds: source.tag?.delay)
        case .other(let candidate):
            self.init(
                state: .heard, client: markable[candidate].clientID, participant: markable[candidate].participant,
                isOnlyStated: nil, z: source.otherTags.first?.tag.z,
                delaySeconds: source.otherTags.first?.tag.delay)
        case .absent:
            self.init(
                state: .absent, client: nil, participant: nil, isOnlyStated: !who.isTagHeard, z: source.tag?.z,
                delaySeconds: nil)
        case .undecided, .open:
            self.init(
                state: .open, client: nil, participant: nil, isOnlyStated: nil, z: source.tag?.z, delaySeconds: nil)
        }
    }
}

extension Answer.Span {
    init(_ span: Detection.Span, rate: Double, start: Timestamp) {
        self.init(
            from: span.recording.lowerBound, to: span.recording.upperBound, meetingFrom: span.meetingStart,
            meetingTo: span.meetingStart + span.seconds * rate,
            playedAt: (start + Int64(span.meetingStart.rounded(.down))).text,
            uncertaintySeconds: span.uncertainty, z: span.z,
            isSkipped: span.isSkipped ? true : nil)
    }
}

extension Answer.Talker {
    init(_ talker: Detection.Talker, _ who: SeededClient, start: Timestamp) {
        self.init(
            client: who.clientID, participant: who.participant, email: who.email, device: who.device,
            log10Chance: talker.tag.log10Chance, z: talker.tag.z,
            heard: talker.spans.map { Answer.Span($0, rate: 1, start: start) })
    }
}
