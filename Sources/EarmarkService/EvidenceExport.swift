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

extension SourcePlace {
    /// The same with those who were taken out as places in an answer that names these candidates, in this order; nil
    /// if one of them is not named in the end.
    func naming(_ candidates: [Int]) -> SourcePlace? {
        guard let removed else { return self }
        let found = removed.compactMap { candidates.firstIndex(of: $0) }
        guard found.count == removed.count else { return nil }
        var place = self
        place.removed = found
        return place
    }
}

extension Service {
    /// The package with which anybody can compute again that a client's mark is in a recording.
    ///
    /// The audit log gets an entry.
    /// - Parameters:
    ///   - analysis: the stored analysis.
    ///   - client: the client, where several are identified.
    ///   - includesOthers: whether seeds of stronger sources are put in where the evidence counts only without them.
    ///   - report: the analysis's report as HTML, whose digest goes into the package.
    /// - Throws: `StoreError`; `ServiceError` `refused` where there is nothing to compute again.
    public func evidence(
        _ analysis: AnalysisID, client: String? = nil, includesOthers: Bool = false, report: [UInt8]
    ) throws -> EvidencePackage {
        let record = try store.analysis(analysis)
        let stored = try StoredAnswer(record)
        let source = try source(stored, client)
        guard let meetingID = record.meetingID else {
            throw ServiceError(.refused, "the meeting of analysis '\(analysis)' is purged: its seeds are gone")
        }
        if let difference = try store.differences(of: stored, record).first {
            throw ServiceError(
                .refused,
                "the records were changed after analysis '\(analysis)', so that a package would contradict itself: "
                    + "\(difference); analyse the recording anew")
        }
        let place = try place(of: source, record, stored)
        let others = try stronger(place, source, stored, includesOthers: includesOthers)
        let subject = try store.analysisSubject(meetingID)
        let (who, proof) = try committed(source, subject)
        let beside = try others.map { other in
            let (client, proof) = try committed(other, subject)
            return EvidencePackage.Beside(
                client: .init(client), commitment: proof.map { .init($0.proof, $0.commitment, stamp: nil) })
        }
        let stamp = try proof.flatMap { found throws(StoreError) in try store.stamp(ofRoot: found.commitment.root) }
        var details = ["analysis": analysis.text, "evidenceAgainst": who.id.text]
        if !others.isEmpty { details["seedsBeside"] = others.map(\.client.text).joined(separator: " ") }
        try store.record(.init(.export, meeting: meetingID, details))
        var package = EvidencePackage(
            made: context.clock().text, profile: stored.answer.profile ?? MarkProfile.inForce.rawValue,
            recording: .init(
                name: stored.answer.file.name, bytes: stored.answer.file.bytes, sha256: stored.answer.file.sha256),
            meeting: .init(subject), client: .init(who),
            commitment: proof.map { .init($0.proof, $0.commitment, stamp: stamp) }, alignment: place,
            tested: stored.answer.tested,
            meetings: stored.answer.search?.meetings ?? 1,
            held: .init(source, others: stored.answer.sources.count - 1),
            analysis: .init(
                id: analysis.text, date: stored.date, reportSHA256: FileDigest.sha256(of: report),
                build: stored.evidence?.build, bundle: stored.answer.bundle))
        package.beside = beside.isEmpty ? nil : beside
        package.alignment.removed = beside.isEmpty ? nil : Array(beside.indices)
        package.usesReference = stored.answer.reference == nil ? nil : true
        package.playedAt = stored.answer.playedAt
        return package
    }

    /// Where a source has evidence that can be computed again.
    private func place(
        of source: Answer.Source, _ record: AnalysisRecord, _ stored: StoredAnswer
    ) throws(ServiceError) -> SourcePlace {
        let places = KeptEvidence.places(record)
        guard let index = stored.answer.sources.firstIndex(of: source), places.indices.contains(index) else {
            throw ServiceError(
                .refused,
                "analysis '\(stored.id)' was made by a version that did not keep where its evidence is; analyse the "
                    + "recording anew")
        }
        if let place = places[index] { return place }
        guard !stored.answer.isTriage else {
            throw ServiceError(
                .refused,
                "analysis '\(stored.id)' looked at a few stretches only; analyse the recording without --triage")
        }
        throw ServiceError(
            .refused,
            stored.answer.reference == nil
                ? "the evidence against '\(source.client)' counts only once other sources are taken out that this "
                    + "analysis does not name; analyse the recording anew to see"
                : "the evidence against '\(source.client)' was found by the help of the reference alone, which a "
                    + "package does not hold; analyse the recording without it to see")
    }

    /// The sources whose seeds it takes beside the client's own, strongest first.
    private func stronger(
        _ place: SourcePlace, _ source: Answer.Source, _ stored: StoredAnswer, includesOthers: Bool
    ) throws(ServiceError) -> [Answer.Source] {
        let sources = stored.answer.sources
        let others = (place.removed ?? []).filter(sources.indices.contains).map { sources[$0] }
        guard !others.isEmpty else { return [] }
        if let trace = others.first(where: { $0.verdict != .identified }) {
            throw ServiceError(
                .refused,
                "the evidence against '\(source.client)' counts only once the stronger mark of '\(trace.client)' is "
                    + "taken out, who is not identified: a package would give that client's mark away")
        }
        guard includesOthers else {
            throw ServiceError(
                .refused,
                "the evidence against '\(source.client)' counts only once the stronger marks of "
                    + others.map { "'\($0.client)'" }.joined(separator: ", ")
                    + " are taken out, who are identified, too: --with-stronger puts their seeds into the package")
        }
        return others
    }

    /// A source's client as it was committed to, and what shows that.
    private func committed(
        _ source: Answer.Source, _ subject: AnalysisSubject
    ) throws -> (CommittedClient, (proof: CommitmentProof, commitment: SeedCommitment)?) {
        guard let who = subject.candidates.first(where: { $0.clientID == source.client }) else {
            throw ServiceError(.refused, "'\(source.client)' is not enrolled in the meeting any more")
        }
        return (CommittedClient(who), try store.commitmentProof(of: who.clientID, inMeeting: subject.meeting.id))
    }

    /// The source that the package is about.
    private func source(_ stored: StoredAnswer, _ client: String?) throws(ServiceError) -> Answer.Source {
        let named =
            client.map { name in
                Store.named(name, among: stored.identified) { ($0.client, $0.email, $0.participant, $0.device) }
            } ?? stored.identified
        guard let source = named.first else {
            throw ServiceError(
                .refused,
                client.map { "'\($0)' is not identified in analysis '\(stored.id)'" }
                    ?? "nobody is identified in analysis '\(stored.id)': there is no accusation to prove")
        }
        guard named.count == 1 else {
            throw ServiceError(
                .refused,
                "\(named.count) clients are identified; name one: "
                    + named.map { "\($0.client) (\($0.email)/\($0.device))" }.joined(separator: ", "))
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
