import Foundation
import ProgramSupport
import Testing

/// Answers, reports and lines of batches as an earlier build gave them: a change that means none leaves them as they
/// are.
///
/// `EARMARK_RECORD=1 Tools/test --filter GoldenTests` writes them anew, `EARMARK_RECORD=answers` all but the store and
/// with that the keys; the difference is then what a reader of the
/// change sees.
@Suite(.serialized) struct GoldenTests {
    private static let made = Result { try GoldenPlace() }

    /// What `analyze` prints, as JSON and as text, and the lines of a batch about the same files.
    @Test func answersAreTheSame() throws {
        let golden = try GoldenTests.made.get()
        for item in GoldenPlace.cases {
            let arguments = item.arguments.map { $0 == "MEETING" ? golden.meeting : $0 }
            let file = item.name + ".wav"
            let words = ["--name", "Case \(item.name)", "--note", "An \"odd\" <note>"]
            try compare(
                try golden.place.succeed(["analyze", file, "--json"] + arguments + words), to: item.name + ".json")
            try compare(try golden.place.succeed(["analyze", file] + arguments), to: item.name + ".txt")
        }
        let refused = try golden.place.run("analyze", "text.wav", "--meeting", golden.meeting, "--json")
        #expect(refused.exitStatus == 20)
        try compare(refused.text, to: "refused.json")
        let list = "file,name\n" + (GoldenPlace.cases.map(\.name) + ["text"]).map { "\($0).wav,\($0)\n" }.joined()
        try golden.place.write(list, to: "list.csv")
        let batch = try golden.place.run(
            "batch", "list.csv", "--meeting", golden.meeting, "--jobs", "1", "--no-store", "--out", "lines.ndjson")
        #expect(batch.exitStatus == 30)
        let lines = try golden.place.text(of: "lines.ndjson").split(separator: "\n")
        #expect(lines.count == GoldenPlace.cases.count + 1)
        for (name, line) in zip(GoldenPlace.cases.map(\.name) + ["refused"], lines) {
            try compare(String(line), to: "line-\(name).json")
        }
        expectProgress(batch.errors, of: try lines.map { try JSON(text: $0) })
    }

    /// Progress, which logs keep, names those who are identified, and no trace.
    private func expectProgress(_ text: String, of lines: [JSON]) {
        var traces = 0
        let expected = lines.enumerated().map { index, line -> String in
            let sources = line["sources"].array
            let named = sources.filter { $0["verdict"].string == "identified" }
            traces += sources.count - named.count
            let what = line["verdict"].string ?? "refused \(line["refusal"]["code"].string ?? "")"
            let who = named.map { " " + ($0["email"].string ?? "") }.joined()
            return "\(index + 1)/\(lines.count) \(line["path"].string ?? ""): \(what)\(who)"
        }
        #expect(text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("earmark: ") } == expected)
        #expect(traces > 0)
    }

    /// Reports and exports of analyses that the kept store holds have the same bytes.
    @Test func reportsHaveTheSameBytes() throws {
        let golden = try GoldenTests.made.get()
        if GoldenPlace.isRecording { try keepStore(golden) }
        let place = try GoldenTests.keptStore()
        let ids = try place.json("analysis", "list")["analyses"].array.map { $0["id"].string ?? "" }
        #expect(ids.count >= 8)
        for id in ids {
            let shown = try place.json("analysis", "show", id)["analysis"]
            guard let name = shown["name"].string, !name.isEmpty, shown["refusal"].isAbsent else { continue }
            let stem = "report-" + name.dropFirst("Case ".count)
            for form in ["html", "json"] {
                try place.succeed("report", id, "-o", "\(stem).\(form)")
                try place.succeed("report", "verify", "\(stem).\(form)")
                try same(try place.text(of: "\(stem).\(form)"), as: "\(stem).\(form)")
            }
            try same(try place.succeed("analysis", "show", id), as: "\(stem).txt")
        }
        for form in ["csv", "json"] {
            try same(try place.succeed(["analysis", "export", "--format", form] + ids), as: "export.\(form)")
        }
        try same(try place.succeed("analysis", "list"), as: "list.txt")
    }

    /// A workplace with a copy of the kept store.
    private static func keptStore() throws -> Workplace {
        let place = try Workplace()
        try GoldenPlace.copyStore(to: place)
        return place
    }

    /// Keeps the store, with one analysis of each recording.
    private func keepStore(_ golden: GoldenPlace) throws {
        for analysis in try golden.place.json("analysis", "list")["analyses"].array
        where analysis["name"].string?.isEmpty != false && analysis["refusal"].isAbsent {
            try golden.place.succeed("analysis", "delete", analysis["id"].string ?? "", "--yes")
        }
        // Reports state the key that they are signed for.
        try golden.place.succeed("report", "key")
        // A restored copy is one file, without what a log beside it holds.
        try golden.place.succeed("store", "backup", "kept.db")
        for (from, to) in [
            ("kept.db", "store.db"), ("store.db.key", "store.db.key"), ("store.db.key.head", "store.db.key.head"),
        ] {
            let target = GoldenPlace.files.appendingPathComponent(to)
            try? FileManager.default.removeItem(at: target)
            try FileManager.default.copyItem(atPath: golden.place.file(from), toPath: target.path)
        }
    }

    // MARK: Comparing

    /// Compares JSON or text that has identifiers and dates of its own.
    private func compare(_ printed: String, to name: String) throws {
        let text = printed.replacing(/a_[a-z2-7]{16}/, with: "a_0")
            .replacing(/"date" ?: ?"[^"]*"/, with: "\"date\":\"\"")
            .replacing(/"(ofMeeting|inStore)" ?: ?\d+/) { "\"\($0.1)\":0" }
            .replacing(/Analysis \d+ against this meeting, \d+ with/, with: "Analysis 0 against this meeting, 0 with")
            .replacing(/Analysis \d+ with/, with: "Analysis 0 with")
            .replacing(/keys (once,|\d+ times, last) on 20[0-9T:Z-]+/) { "keys \($0.1) on 0" }
            .replacing(#/ on 20[0-9T:Z-]*\.$/#.anchorsMatchLineEndings(), with: " on 0.")
        guard name.hasSuffix(".json"), !GoldenPlace.isWriting else { return try same(text, as: name) }
        let kept = try JSON(text: try GoldenTests.kept(name))
        let differences = GoldenTests.differences(try JSON(text: text).value, kept.value, at: "")
        #expect(differences.isEmpty, "\(name): \(differences)")
    }

    private func same(_ text: String, as name: String) throws {
        let url = GoldenPlace.files.appendingPathComponent(name)
        if GoldenPlace.isWriting {
            try FileManager.default.createDirectory(at: GoldenPlace.files, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        #expect(try GoldenTests.kept(name) == text, "\(name)")
    }

    private static func kept(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: GoldenPlace.files.appendingPathComponent(name)), as: UTF8.self)
    }

    /// Numbers may differ by a thousandth: the transforms' last digits depend on the processor.
    private static let tolerance = 1e-3

    /// Where two values differ, by paths.
    private static func differences(_ left: Any?, _ right: Any?, at path: String) -> [String] {
        switch (left, right) {
        case (let left as [String: Any], let right as [String: Any]):
            let keys = Set(left.keys).symmetricDifference(right.keys).map { "\(path).\($0): in one only" }
            return keys
                + left.keys.filter { right[$0] != nil }.flatMap {
                    differences(left[$0], right[$0], at: "\(path).\($0)")
                }
        case (let left as [Any], let right as [Any]):
            guard left.count == right.count else { return ["\(path): \(left.count) and \(right.count) elements"] }
            return zip(left, right).enumerated().flatMap { differences($1.0, $1.1, at: "\(path)[\($0)]") }
        case (let left as NSNumber, let right as NSNumber):
            let (left, right) = (left.doubleValue, right.doubleValue)
            let isClose = abs(left - right) <= tolerance * max(1, abs(left), abs(right))
            return isClose ? [] : ["\(path): \(left) and \(right)"]
        default:
            let isSame = (left as? NSObject) == (right as? NSObject)
            return isSame ? [] : ["\(path): \(left ?? "nothing") and \(right ?? "nothing")"]
        }
    }
}
