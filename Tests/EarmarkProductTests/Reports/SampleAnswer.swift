import Foundation
import ProgramSupport

/// A stored answer with values that no recording brings about at will; a test changes what it is about.
struct SampleAnswer {
    /// The entry of `analyses` as docs/json-schema.md has it.
    var answer: [String: Any]
    /// What is stored beside it, as docs/report.md has it; nil for versions that kept none.
    var evidence: [String: Any]?
    /// When it was stored: 2026-03-01T12:34:56Z.
    var date = 1_772_368_496

    /// One source, with a bound of 1e-23.42.
    init() {
        answer = [
            "verdict": "identified", "summary": "The recording carries the mark of: Ada.", "sources": [Self.ada],
            "unmarkable": [] as [Any], "warnings": [] as [String], "name": "",
            "note": "", "toolVersion": "7.8.9", "statements": ["The answer names an endpoint.", "No voice is marked."],
            "meeting": ["id": "m_aaaaaaaaaaaaaaaa", "title": "Quarter", "start": "2026-03-01T09:00:00Z"],
            "file": Self.file, "tested": Self.tested,
            "pilot": [
                "isPresent": true, "log10FalsePresence": -40.72, "score": 14.1, "levelDecibels": -2.34,
                "expectedZ": 33.4, "leastExpectedZ": 12.3, "mostExpectedZ": 44.5,
            ],
        ]
        evidence = [
            "version": 2, "organisation": "Example Ltd", "meetingDurationSeconds": 7_200,
            "decoys": Self.decoys, "sourceSteps": [Self.steps],
            "parameters": [
                "minimumSeconds": 100, "maximumBytes": 500_000_000, "allowShort": false, "effort": "normal",
                "retentionDays": 360,
            ],
            "build": [
                "version": "7.8.9", "executableSHA256": String(repeating: "c", count: 64), "system": "System 5",
                "architecture": "riscv64",
            ],
        ]
    }

    static var ada: [String: Any] {
        [
            "verdict": "identified", "client": "c_aaaaaaaaaaaaaaaa", "participant": "Ada Abbott",
            "email": "ada@example.org", "device": "laptop", "kind": "desktop", "log10FalseAccusation": -23.42,
            "z": 11.37,
            "strengthDecibels": -1.26, "levelDecibels": 0.84, "leastLevelDecibels": -1.93, "pitch": 1, "rate": 1,
            "heardSeconds": 100.7,
            "heard": [
                [
                    "from": 3.9, "to": 104.6, "meetingFrom": 3_605.2, "meetingTo": 3_705.9,
                    "playedAt": "2026-03-01T10:00:05Z", "uncertaintySeconds": 0.0127, "z": 11.37,
                ]
            ],
        ]
    }

    /// A weaker source, at changed speed, in two stretches, the first of them before the meeting's start.
    static var bela: [String: Any] {
        [
            "verdict": "identified", "client": "c_bbbbbbbbbbbbbbbb", "participant": "Bela Berger",
            "email": "bela@example.org", "device": "13 inch", "kind": "mobile", "log10FalseAccusation": -9.87,
            "z": 8.94,
            "pitch": 0.9492, "rate": 1.0526, "heardSeconds": 3_725.4,
            "heard": [
                [
                    "from": 0, "to": 59.9, "meetingFrom": -61.5, "meetingTo": 1.5, "playedAt": "2026-03-01T08:58:58Z",
                    "uncertaintySeconds": 0.25, "z": 5.04,
                ],
                [
                    "from": 3_600, "to": 7_265.5, "meetingFrom": 36_000, "meetingTo": 39_858.3,
                    "playedAt": "2026-03-01T19:00:00Z", "uncertaintySeconds": 1.5, "z": -0.04,
                ],
            ],
        ]
    }

    /// 4,000 decoys from -0.25 to 0, 5,000 from 0 to 0.25, 999 from 0.25 to 0.5, and one that reaches 3.62.
    static var decoys: [String: Any] {
        var counts = [Int](repeating: 0, count: 64)
        (counts[31], counts[32], counts[33], counts[46]) = (4_000, 5_000, 999, 1)
        return ["from": -8, "step": 0.25, "counts": counts, "highest": 3.62]
    }

    private static var file: [String: Any] {
        [
            "name": "leak.mp4", "container": "mp4", "bytes": 1_234_567, "sha256": String(repeating: "a", count: 64),
            "seconds": 7_384.9, "corruptPackets": 0, "isTruncated": false,
            "tracks": [
                ["index": 0, "codec": "aac", "sampleRate": 44_100, "channels": 2],
                ["index": 1, "codec": "opus", "sampleRate": 48_000, "channels": 1],
            ],
        ]
    }

    private static var tested: [String: Any] {
        [
            "candidates": 543, "hypotheses": 21, "times": 128, "placements": 4_096, "log10Threshold": -9,
            "requiredZ": 7.64,
            "mostRequiredZ": 8.02, "effort": "exhaustive",
        ]
    }

    /// Four steps in which the evidence is 10, -0.5, 3 and -5.
    private static var steps: [[String: Any]] {
        [
            ["from": 0, "to": 1_846, "sum": 20, "energy": 4], ["from": 1_846, "to": 3_692, "sum": -1, "energy": 4],
            ["from": 3_692, "to": 5_538, "sum": 9, "energy": 9], ["from": 5_538, "to": 7_384, "sum": -5, "energy": 1],
        ]
    }

    /// A member of an object within the answer, such as `tested`.
    subscript(part: String) -> [String: Any] {
        get { answer[part] as? [String: Any] ?? [:] }
        set { answer[part] = newValue }
    }

    /// Ada and Bela.
    static func ofTwo() -> SampleAnswer {
        var sample = SampleAnswer()
        sample.answer["sources"] = [ada, bela]
        sample.evidence?["sourceSteps"] = [steps, [] as [Any]]
        return sample
    }

    /// An answer that names nobody.
    static func ofNobody(_ verdict: String) -> SampleAnswer {
        var sample = SampleAnswer()
        sample.answer["verdict"] = verdict
        sample.answer["sources"] = [] as [Any]
        sample.evidence?["decoys"] = nil
        sample.evidence?["sourceSteps"] = [] as [Any]
        return sample
    }

    /// Stores it in the place's store; its identifier.
    @discardableResult func keep(in place: Workplace) throws -> String {
        let id = "a_" + String((0..<16).map { _ in "abcdefghijklmnopqrstuvwxyz234567".randomElement() ?? "a" })
        func blob(_ object: Any?) throws -> String {
            try object.map { StoreDatabase.blob(try JSONSerialization.data(withJSONObject: $0)) } ?? "NULL"
        }
        let texts = [
            id, self["meeting"]["id"] as? String ?? "any", self["file"]["name"] as? String ?? "",
            answer["verdict"] as? String ?? "", answer["name"] as? String ?? "", answer["note"] as? String ?? "",
            answer["toolVersion"] as? String ?? "",
        ].map(StoreDatabase.text)
        try StoreDatabase(place).plant(
            """
            INSERT INTO analyses (id, meetingReference, fileName, verdict, name, note, toolVersion, organisationID,
            sha256, byteCount, createdAt, report, evidence) VALUES (\(texts.joined(separator: ", ")),
            (SELECT id FROM organisations), '\(String(repeating: "a", count: 64))', 1234567, \(date),
            \(try blob(answer)), \(try blob(evidence)))
            """)
        return id
    }

    /// The report of it in HTML.
    func page() throws -> ReportPage {
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        return try ReportPage(of: keep(in: place), in: place)
    }
}
