import EarmarkService
import Foundation
import ProgramSupport
import Testing

/// docs/evidence.md: what no analysis makes is refused, and nothing in a package writes findings of its own.
@Suite struct EvidenceReadingTests {
    private static let digest = String(repeating: "ab", count: 32)
    private static let time = "2026-03-02T09:00:00Z"

    /// A package of a recording that is not at hand.
    private static var sound: [String: Any] {
        [
            "format": "earmark-evidence", "version": 1, "made": time, "profile": 2,
            "recording": ["name": "a.wav", "bytes": 1, "sha256": digest],
            "meeting": [
                "id": "m_1", "title": "Board", "start": time, "durationSeconds": 3_600, "pilotSeed": digest,
                "timelineSeed": digest,
            ],
            "client": [
                "id": "c_1", "participant": "Ada", "email": "ada@example.org", "device": "laptop", "kind": "desktop",
                "seed": digest, "seedSHA256": digest,
            ],
            "commitment": [
                "root": digest, "made": time, "index": 0, "clients": 1, "salt": digest, "path": [String](),
            ],
            "alignment": [
                "track": 0, "pitch": 1, "rate": 1, "place": 0, "places": 3, "z": 12, "log10Bound": -20,
                "pieces": [["from": 0, "to": 100, "offset": 0, "slope": 0, "period": 0]],
                "weights": [Int](repeating: 1, count: 28),
            ],
            "tested": ["candidates": 4, "hypotheses": 3, "log10Threshold": -9, "requiredZ": 7, "effort": "normal"],
            "meetings": 1, "held": ["verdict": "identified", "heard": [Int](), "others": 0],
            "analysis": ["id": "a_1", "date": time, "reportSHA256": digest],
        ]
    }

    private func bytes(_ path: [String] = [], _ value: Any? = nil) throws -> [UInt8] {
        func set(_ object: [String: Any], _ path: ArraySlice<String>) -> [String: Any] {
            guard let name = path.first else { return object }
            var object = object
            object[name] = path.count == 1 ? value : set(object[name] as? [String: Any] ?? [:], path.dropFirst())
            return object
        }
        return [UInt8](try JSONSerialization.data(withJSONObject: set(Self.sound, path[...])))
    }

    private func check(_ bytes: [UInt8], _ demands: EvidenceCheck.Demands = .init()) throws -> EvidenceCheck {
        let folder = try TemporaryFolder()
        let recording = folder.file("a.wav")
        try Data("another file".utf8).write(to: URL(fileURLWithPath: recording))
        return try EvidenceCheck(try EvidencePackage(bytes), recording: recording, demands)
    }

    private func code(_ work: () throws -> Void) -> ServiceError.Code? {
        do {
            try work()
            return nil
        } catch { return (error as? ServiceError)?.code }
    }

    @Test func numbersThatNoAnalysisMakesAreRefused() throws {
        _ = try EvidencePackage(try bytes())
        for log10Threshold in [0.0, 400, -2.9, -70.1] {
            let found = try bytes(["tested", "log10Threshold"], log10Threshold)
            #expect(code { _ = try EvidencePackage(found) } == .evidenceInvalid, "\(log10Threshold)")
        }
        for log10Threshold in [-3.0, -70] {
            _ = try EvidencePackage(try bytes(["tested", "log10Threshold"], log10Threshold))
        }
        let others: [([String], Any)] = [
            (["profile"], 1), (["meetings"], 0), (["tested", "candidates"], -1),
            (["tested", "hypotheses"], -1), (["commitment", "clients"], 0), (["commitment", "index"], 1),
        ]
        for (path, value) in others {
            let found = try bytes(path, value)
            #expect(code { _ = try EvidencePackage(found) } == .evidenceInvalid, "\(path)")
        }
    }

    @Test func digestsAndTimesAreSome() throws {
        let digests = [
            ["recording", "sha256"], ["client", "seed"], ["client", "seedSHA256"], ["meeting", "pilotSeed"],
            ["commitment", "root"], ["commitment", "salt"], ["analysis", "reportSHA256"],
        ]
        for path in digests {
            for text in ["", String(Self.digest.dropLast()), Self.digest.uppercased(), "\u{1B}[2J" + Self.digest] {
                let found = try bytes(path, text)
                #expect(code { _ = try EvidencePackage(found) } == .evidenceInvalid, "\(path) \(text)")
            }
        }
        for path in [["made"], ["meeting", "start"], ["commitment", "made"], ["analysis", "date"]] {
            for text in ["", "soon", "2026-03-02T09:00:00+01:00", "2026-02-30T09:00:00Z", "2026-03-02T09:00:00Z\n"] {
                let found = try bytes(path, text)
                #expect(code { _ = try EvidencePackage(found) } == .evidenceInvalid, "\(path) \(text)")
            }
        }
    }

    @Test func membersThatAreNamedTwiceAreRefused() throws {
        let text = String(decoding: try bytes(), as: UTF8.self)
        for (name, twice) in [
            ("\"participant\":\"Ada\"", "\"participant\":\"Ada\", \"participant\" : \"Eve\""),
            ("\"participant\":\"Ada\"", "\"participant\":\"Ada\",\"particip\\u0061nt\":\"Eve\""),
            ("\"version\":1", "\"version\":1,\"version\":1"),
        ] {
            let changed = text.replacingOccurrences(of: name, with: twice)
            #expect(changed != text && code { _ = try EvidencePackage(Array(changed.utf8)) } == .evidenceInvalid)
        }
        // Texts that look like members are none.
        let quoted = try bytes(["client", "device"], "\"participant\":{\"a\":1,\"a\":2}\\")
        _ = try EvidencePackage(quoted)
        let wide = try #require(text.data(using: .utf16LittleEndian))
        #expect(code { _ = try EvidencePackage([UInt8](wide)) } == .evidenceInvalid)
    }

    @Test func withoutACommitmentItIsRefusedUnlessAsked() throws {
        let uncommitted = try bytes(["commitment"])
        #expect(code { _ = try check(uncommitted) } == .evidenceInvalid)
        let items = try check(uncommitted, .init(takesUncommitted: true)).items
        #expect(items.first { $0.name == "client" }?.state == .open)
        let published = try check(uncommitted, .init(root: Self.digest, takesUncommitted: true)).items
        #expect(published.first { $0.name == "commitment" }?.state == .broken)
    }

    @Test func whatIsStatedIsOpen() throws {
        let check = try check(try bytes())
        #expect(check.items.first { $0.name == "answer" }?.state == .open)
        #expect(check.subject.participant == "Ada" && check.subject.start == Self.time)
        #expect(!check.holds && check.text.hasSuffix("the package does NOT hold: do not rely on it"))
        let text = try self.check(try bytes(["held", "verdict"], "trace")).items.first { $0.name == "answer" }
        #expect(text?.state == .broken)
    }

    @Test func textsEndNoLine() throws {
        for path in [["client", "participant"], ["client", "device"], ["client", "id"], ["meeting", "title"]] {
            let text = try check(try bytes(path, "Eve\nholds   score       z = 99\u{1B}[2J")).text
            #expect(!text.contains("\nholds   score") && !text.contains("\u{1B}") && text.contains("Eve"))
        }
    }
}
