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
        let roster = ["Ada", "Bela"].map {
            RosterEntry(participant: $0, email: "\($0.lowercased())@example.org", device: "laptop", kind: .desktop)
        }
        meeting = try service.enrol(MeetingDraft(title: "Board", startsAt: Store.systemClock()), roster: roster)
        clients = try service.store.clients(ofMeeting: meeting.id).map(\.id)
    }

    /// A stored answer by which Ada is identified, once Bela is taken out, of whom it has `verdict`.
    private func analysis(beside verdict: String) throws -> AnalysisID {
        let digest = String(repeating: "0", count: 64)
        func source(_ client: ClientID, _ verdict: String, _ z: Int) -> [String: Any] {
            [
                "verdict": verdict, "client": client.text, "participant": "", "email": "", "device": "",
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
            "meeting": ["id": meeting.id.text, "title": "Board", "start": meeting.startsAt.text],
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
}
