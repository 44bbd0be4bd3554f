import EarmarkAnswer
import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

/// docs/evidence.md, "Beside stronger sources": whose seeds a package may give away.
@Suite struct EvidenceBesideTests {
    private let folder: TemporaryFolder
    private let service: Service
    private let meeting: Meeting
    private let clients: [ClientID]

    init() throws {
        folder = try TemporaryFolder()
        let location = StoreLocation(store: folder.file("store.db"))
        service = try Service.create(at: location, organisation: "Example Ltd", context: .init(decoder: nil))
        let roster = ["Ada", "Bela"].map(EvidenceBesideTests.entry)
        meeting = try service.enrol(MeetingDraft(title: "Board", startsAt: Store.systemClock()), roster: roster)
        clients = try service.store.clients(ofMeeting: meeting.id).map(\.id)
    }

    private static func entry(_ name: String) -> RosterEntry {
        RosterEntry(participant: name, email: "\(name.lowercased())@example.org", device: "laptop", kind: .desktop)
    }

    /// A stored answer by which Ada is identified, once Bela is taken out, of whom it has `verdict`.
    private func analysis(beside verdict: String) throws -> AnalysisID {
        try EvidenceBesideTests.analysis(in: service, meeting, clients, beside: verdict)
    }

    private static func analysis(
        in service: Service, _ meeting: Meeting, _ clients: [ClientID], beside verdict: String
    ) throws -> AnalysisID {
        let digest = String(repeating: "0", count: 64)
        let roster = try service.store.clients(ofMeeting: meeting.id)
        func source(_ client: ClientID, _ verdict: String, _ z: Int) -> [String: Any] {
            let known = roster.first { $0.id == client }
            return [
                "verdict": verdict, "client": client.text, "participant": known?.participant ?? "",
                "email": known?.email ?? "", "device": known?.device ?? "",
                "kind": "desktop", "log10FalseAccusation": -20, "z": z, "pitch": 1, "rate": 1, "heardSeconds": 100,
                "heard": [Int](),
            ]
        }
        func place(_ removed: [Int]?, _ z: Int) -> [String: Any] {
            let place: [String: Any] = [
                "track": 0, "pitch": 1, "rate": 1, "place": 0, "places": 3, "z": z, "log10Bound": -20,
                "pieces": [["from": 0, "to": 100, "offset": 0, "slope": 0, "period": 0]],
                "weights": [Int](repeating: 1, count: 28),
            ]
            return removed.map { place.merging(["removed": $0]) { $1 } } ?? place
        }
        let report: [String: Any] = [
            "verdict": "identified", "summary": "", "unmarkable": [Int](), "warnings": [Int](), "statements": [Int](),
            "name": "", "note": "", "toolVersion": "0.1.0",
            "sources": [source(clients[1], verdict, 30), source(clients[0], "identified", 12)],
            "file": [
                "name": "a.wav", "container": "wav", "bytes": 1, "sha256": digest, "seconds": 110, "corruptPackets": 0,
                "isTruncated": false, "tracks": [["index": 0, "codec": "pcm", "sampleRate": 16_000, "channels": 1]],
            ],
            "meeting": ["id": meeting.id.text, "title": meeting.title, "start": meeting.startsAt.text],
            "tested": ["candidates": 2, "hypotheses": 3, "log10Threshold": -9, "requiredZ": 7, "effort": "normal"],
            "pilot": ["isPresent": true, "log10FalsePresence": -40, "score": 14, "expectedZ": 30],
        ]
        let evidence: [String: Any] = [
            "version": 2, "organisation": "Example Ltd", "meetingDurationSeconds": 7_200,
            "sourceSteps": [[Int](), [Int]()], "places": [place(nil, 30), place([0], 12)],
            "parameters": [
                "minimumSeconds": 100, "maximumBytes": 1_000, "allowShort": false, "effort": "normal",
                "retentionDays": 360,
            ],
            "build": ["version": "0.1.0", "system": "Linux", "architecture": "x86_64"],
        ]
        return try service.store.saveAnalysis(
            AnalysisDraft(
                organisationID: meeting.organisationID, meetingReference: meeting.id.text, fileName: "a.wav",
                sha256: digest, byteCount: 1, outcome: .verdict(.identified), toolVersion: "0.1.0",
                report: [UInt8](try JSONSerialization.data(withJSONObject: report)),
                evidence: [UInt8](try JSONSerialization.data(withJSONObject: evidence)))
        ).id
    }

    /// Who is identified, too, is put in where that is asked for; it is her seed that is given away.
    @Test func whoIsIdentifiedIsPutInWhereAsked() throws {
        let id = try analysis(beside: "identified")
        #expect(throws: ServiceError(.refused, "")) {
            try service.evidence(id, client: "\(clients[0])", report: [])
        }
        let package = try service.evidence(id, client: "\(clients[0])", includesOthers: true, report: [])
        #expect(package.beside?.map(\.client.id) == [clients[1].text] && package.client.id == clients[0].text)
    }

    /// A trace accuses nobody, and no package gives its seed away, whatever is asked.
    @Test(arguments: ["trace", "detached"]) func nobodyElseIsGivenAway(verdict: String) throws {
        let id = try analysis(beside: verdict)
        let before = try service.store.auditEntries().count
        #expect(throws: ServiceError(.refused, "")) {
            try service.evidence(id, client: "\(clients[0])", includesOthers: true, report: [])
        }
        #expect(try service.store.auditEntries().count == before)
    }

    /// docs/evidence.md, `beside 1`: whose mark is taken out was committed to with the client, by the same commitment;
    /// one that was made for her afterwards could be of a seed that suits.
    @Test(arguments: [("with", "holds"), ("after", "broken"), ("never", "broken"), ("nobody", "open")])
    func whoIsTakenOutWasCommittedToWithTheClient(committed: String, state: String) throws {
        let draft = MeetingDraft(title: "Other", startsAt: Store.systemClock())
        let other = try service.enrol(draft, roster: [EvidenceBesideTests.entry("Ada")])
        func add() throws {
            _ = try service.store.addClients([EvidenceBesideTests.entry("Bela")], toMeeting: other.id)
        }
        if committed == "with" { try add() }
        if committed != "nobody" { _ = try service.store.commitment(ofMeeting: other.id) }
        if committed != "with" { try add() }
        if committed == "after" { _ = try service.store.commitment(ofMeeting: other.id, renewed: true) }
        let clients = try service.store.clients(ofMeeting: other.id).map(\.id)
        let id = try EvidenceBesideTests.analysis(in: service, other, clients, beside: "identified")
        let package = try service.evidence(id, client: "\(clients[0])", includesOthers: true, report: [])
        // Of another recording nothing is computed, and all that is stated is looked at.
        let recording = folder.file("other.wav")
        try Data("another file".utf8).write(to: URL(fileURLWithPath: recording))
        let check = try EvidenceCheck(package, recording: recording, .init(takesUncommitted: true))
        #expect(check.items.first { $0.name == "beside 1" }?.state.rawValue == state)
    }
}
