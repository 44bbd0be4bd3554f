import EarmarkAnalysis
package import EarmarkAnswer
public import EarmarkFiles
import EarmarkMark
package import EarmarkStore
import Foundation

/// What is stored of an answer beside the answer: what reports show, and where its sources have their evidence.
package struct KeptEvidence: Codable, Sendable {
    /// What reports show.
    package var evidence: AnswerEvidence
    /// In the order of the answer's sources; nil for one whose evidence cannot be computed again.
    package let places: [SourcePlace?]

    private enum CodingKeys: String, CodingKey {
        case places
    }

    init(evidence: AnswerEvidence, places: [SourcePlace?]) {
        self.evidence = evidence
        self.places = places
    }

    /// Reads what `encode` writes.
    package init(from decoder: any Decoder) throws {
        evidence = try AnswerEvidence(from: decoder)
        places = try decoder.container(keyedBy: CodingKeys.self).decode([SourcePlace?].self, forKey: .places)
    }

    /// Writes the places beside the evidence's own members.
    package func encode(to encoder: any Encoder) throws {
        try evidence.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(places, forKey: .places)
    }

    /// The evidence of a worker, which does not know what the organisation is called.
    package func named(by organisation: Organisation) -> KeptEvidence {
        var named = self
        named.evidence.organisation = organisation.name
        return named
    }

    /// The places that are stored with an answer; none in answers of versions that did not keep them.
    static func places(_ record: AnalysisRecord) -> [SourcePlace?] {
        struct Kept: Decodable {
            let places: [SourcePlace?]?
        }
        let kept = record.content.evidence.flatMap { try? JSONDecoder().decode(Kept.self, from: Data($0)) }
        return kept?.places ?? []
    }
}

extension Service {
    /// The package with which anybody can compute again that a client's mark is in a recording.
    ///
    /// The audit log gets an entry.
    /// - Parameters:
    ///   - analysis: the stored analysis.
    ///   - client: the client, where several are identified.
    ///   - report: the analysis's report as HTML, whose digest goes into the package.
    /// - Throws: `StoreError`; `ServiceError` `refused` where there is nothing to compute again.
    public func evidence(
        _ analysis: AnalysisID, client: String? = nil, report: [UInt8]
    ) throws -> EvidencePackage {
        let record = try store.analysis(analysis)
        let stored = try StoredAnswer(record)
        let source = try source(stored, client)
        let places = KeptEvidence.places(record)
        guard let index = stored.answer.sources.firstIndex(of: source), places.indices.contains(index),
            let place = places[index], stored.answer.reference == nil, let meetingID = record.meetingID
        else {
            throw ServiceError(
                .refused,
                "the evidence against '\(source.client)' cannot be computed from the recording and its seed alone: it "
                    + "was found with a reference, without the pilot, at a further time, or beside a stronger source, "
                    + "or by a version that did not keep its place; analyse the recording anew to see")
        }
        let subject = try store.analysisSubject(meetingID)
        guard let who = subject.candidates.first(where: { $0.clientID == source.client }) else {
            throw ServiceError(.refused, "'\(source.client)' is not enrolled in the meeting any more")
        }
        let committed = CommittedClient(who)
        let proof = try store.commitmentProof(of: who.clientID, inMeeting: meetingID)
        let stamp = try proof.flatMap { found throws(StoreError) in try store.stamp(ofRoot: found.commitment.root) }
        try store.record(
            .init(.export, meeting: meetingID, ["analysis": analysis.text, "evidenceAgainst": who.clientID.text]))
        return EvidencePackage(
            made: context.clock().text, profile: stored.answer.profile ?? MarkProfile.inForce.rawValue,
            recording: .init(
                name: stored.answer.file.name, bytes: stored.answer.file.bytes, sha256: stored.answer.file.sha256),
            meeting: .init(subject), client: .init(committed),
            commitment: proof.map { .init($0.proof, $0.commitment, stamp: stamp) }, alignment: place,
            tested: stored.answer.tested,
            meetings: stored.answer.search?.meetings ?? 1,
            held: .init(source, others: stored.answer.sources.count - 1),
            analysis: .init(
                id: analysis.text, date: stored.date, reportSHA256: FileDigest.sha256(of: report),
                build: stored.evidence?.build))
    }

    /// The source that the package is about.
    private func source(_ stored: StoredAnswer, _ client: String?) throws(ServiceError) -> Answer.Source {
        let named = stored.identified.filter { client == nil || $0.client.text == client || $0.email == client }
        guard let source = named.first else {
            throw ServiceError(
                .refused,
                client.map { "'\($0)' is not identified in analysis '\(stored.id)'" }
                    ?? "nobody is identified in analysis '\(stored.id)': there is no accusation to prove")
        }
        guard named.count == 1 else {
            throw ServiceError(
                .refused,
                "\(named.count) clients are identified; name one: " + named.map(\.client.text).joined(separator: ", "))
        }
        return source
    }
}

extension CommittedClient {
    init(_ who: SeededClient) {
        self.init(
            id: who.clientID, participant: who.participant, email: who.email, device: who.device,
            kind: who.kind.rawValue, seed: who.identitySeed)
    }
}

extension EvidencePackage.Meeting {
    init(_ subject: AnalysisSubject) {
        self.init(
            id: subject.meeting.id.text, title: subject.meeting.title, start: subject.meeting.startsAt.text,
            durationSeconds: subject.durationSeconds, pilotSeed: Hexadecimal.text(subject.sharedSeeds.pilot.bytes),
            timelineSeed: Hexadecimal.text(subject.sharedSeeds.timeline.bytes))
    }
}

extension EvidencePackage.Client {
    init(_ client: CommittedClient) {
        self.init(
            id: client.id.text, participant: client.participant, email: client.email, device: client.device,
            kind: client.kind, seed: Hexadecimal.text(client.seed.bytes),
            seedSHA256: Hexadecimal.text(client.seedDigest))
    }
}

extension EvidencePackage.Commitment {
    init(_ proof: CommitmentProof, _ commitment: SeedCommitment, stamp: [UInt8]?) {
        self.init(
            root: commitment.root, made: commitment.createdAt.text, index: proof.index, clients: proof.count,
            salt: Hexadecimal.text(proof.salt), path: proof.path.map { Hexadecimal.text($0) },
            stamp: stamp.map { Data($0).base64EncodedString() })
    }
}

extension EvidencePackage.Held {
    init(_ source: Answer.Source, others: Int) {
        self.init(
            verdict: source.verdict, levelDecibels: source.levelDecibels, microphone: source.microphone?.state,
            content: source.content?.state, heard: source.heard, others: others)
    }
}
