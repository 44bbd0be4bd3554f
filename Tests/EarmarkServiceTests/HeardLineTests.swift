import EarmarkAnswer
import EarmarkReport
import Foundation
import Testing

/// The line that `analyze` prints on a terminal: where in a recording marks were heard, where none was, and what of it
/// was not read (docs/json-schema.md, `triage`).
@Suite struct HeardLineTests {
    /// Nine minutes and a third: ten seconds for each of the line's 56 cells.
    private static let seconds = 560

    /// The cells of an answer by which a first client is heard from 100 to 200 s, and a second one from 150 to 250 s.
    private static func cells(_ triage: (isAnswer: Bool, stretches: [[Int]])?) throws -> [Character] {
        func source(_ from: Int, _ to: Int) -> [String: Any] {
            let heard: [String: Any] = [
                "from": from, "to": to, "meetingFrom": from, "meetingTo": to, "playedAt": "2026-03-01T09:00:00Z",
                "uncertaintySeconds": 0.01, "z": 20,
            ]
            return [
                "verdict": "identified", "client": "c_aaaaaaaaaaaaaaaa", "participant": "", "email": "", "device": "",
                "kind": "desktop", "log10FalseAccusation": -20, "z": 20, "pitch": 1, "rate": 1,
                "heardSeconds": to - from, "heard": [heard],
            ]
        }
        var report: [String: Any] = [
            "verdict": "identified", "summary": "", "unmarkable": [Int](), "warnings": [Int](), "statements": [Int](),
            "name": "", "note": "", "toolVersion": "0.1.0", "sources": [source(100, 200), source(150, 250)],
            "file": [
                "name": "a.wav", "container": "wav", "bytes": 1, "sha256": String(repeating: "0", count: 64),
                "seconds": seconds, "corruptPackets": 0, "isTruncated": false,
                "tracks": [["index": 0, "codec": "pcm", "sampleRate": 16_000, "channels": 1]],
            ],
            "meeting": ["id": "m_aaaaaaaaaaaaaaaa", "title": "Board", "start": "2026-03-01T09:00:00Z"],
            "tested": ["candidates": 2, "hypotheses": 3, "log10Threshold": -9, "requiredZ": 7, "effort": "normal"],
            "pilot": ["isPresent": true, "log10FalsePresence": -40, "score": 14, "expectedZ": 30],
        ]
        if let triage {
            report["triage"] = [
                "isAnswer": triage.isAnswer, "seconds": 90,
                "stretches": triage.stretches.map { ["track": 0, "from": $0[0], "to": $0[1]] },
            ]
        }
        let data = try JSONSerialization.data(withJSONObject: report)
        let answer = try JSONDecoder().decode(Answer.self, from: data)
        let line = try #require(TimeMap.line(answer, isColoured: false))
        #expect(line.hasPrefix("heard  0:00 ") && line.hasSuffix(" 9:20"))
        return Array(line.dropFirst("heard  0:00 ".count).dropLast(" 9:20".count))
    }

    private static func expect(
        _ cells: [Character], unread: (Int) -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let expected = (0..<56).map { cell -> Character in
            switch cell {
            case 10..<20: "█"
            case 20..<25: "▓"
            default: unread(cell) ? "?" : "·"
            }
        }
        #expect(cells == expected, sourceLocation: sourceLocation)
    }

    /// A cell is read as soon as a stretch reaches into it, and unread where one only touches it.
    @Test func whatAFirstAnswerDidNotReadIsOpen() throws {
        let cells = try Self.cells((true, [[90, 260], [405, 491]]))
        Self.expect(cells) { !(9..<26).contains($0) && !(40..<50).contains($0) }
    }

    /// Where stretches showed nothing clear, or none were looked at, all of it was read.
    @Test func whereAllWasReadNothingIsOpen() throws {
        Self.expect(try Self.cells((false, [[90, 260], [405, 491]]))) { _ in false }
        Self.expect(try Self.cells(nil)) { _ in false }
    }
}
