import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "Merging sorts by path, keeps the last of several lines about the same file and request".
@Suite struct BatchMergeTests {
    /// A line of a refused file, which needs no analysis.
    private func line(
        _ path: String, meeting: String = "m_1", effort: String = "normal", short: Bool = false,
        version: String = "1", code: String = "corrupt"
    ) -> String {
        """
        {"date":"2026-03-02T09:00:00Z","path":"\(path)","refusal":{"code":"\(code)","message":"m"},\
        "request":{"allowShort":\(short),"effort":"\(effort)","meeting":"\(meeting)","toolVersion":"\(version)"},\
        "schema":1}

        """
    }

    private func merged(_ place: Workplace, _ files: [String], _ more: String...) throws -> [JSON] {
        try place.succeed(["batch", "merge"] + files + ["-o", "m.ndjson"] + more)
        let lines = try place.text(of: "m.ndjson").split(separator: "\n").map { try JSON(text: $0) }
        try FileManager.default.removeItem(atPath: place.file("m.ndjson"))
        return lines
    }

    @Test func theLastOfSeveralLinesCounts() throws {
        let place = try Workplace()
        try place.write(line("b", code: "one") + line("a", code: "one") + line("b", code: "two"), to: "1.ndjson")
        try place.write(line("a", code: "three"), to: "2.ndjson")
        let lines = try merged(place, ["1.ndjson", "2.ndjson"])
        #expect(lines.map(\.["path"].string) == ["a", "b"])
        #expect(lines.map(\.["refusal"]["code"].string) == ["three", "two"])
        let other = try merged(place, ["2.ndjson", "1.ndjson"])
        #expect(other.map(\.["refusal"]["code"].string) == ["one", "two"], "the last file named is the last")
    }

    @Test func eachMemberOfARequestMakesALineOfItsOwn() throws {
        let place = try Workplace()
        let all = [
            line("a"), line("a", meeting: "m_0"), line("a", effort: "fast"), line("a", short: true),
            line("a", version: "0"),
        ]
        try place.write(all.joined(), to: "1.ndjson")
        let lines = try merged(place, ["1.ndjson"])
        // However the lines came by: meeting, effort, short, version.
        let expected = [1, 2, 4, 0, 3].map { all[$0] }
        #expect(try lines.map { $0["request"].text } == expected.map { try JSON(text: $0)["request"].text })
        try place.write(all.reversed().joined(), to: "2.ndjson")
        #expect(try merged(place, ["2.ndjson"]).map { $0["request"].text } == lines.map { $0["request"].text })
    }

    @Test func linesAreSortedByTheBytesOfTheirPaths() throws {
        let place = try Workplace()
        let paths = ["B", "a/b", "a", "ä", "a.b", "Z/1", "a10", "a2"]
        try place.write(paths.map { line($0) }.joined(), to: "1.ndjson")
        let expected = ["B", "Z/1", "a", "a.b", "a/b", "a10", "a2", "ä"]
        #expect(try merged(place, ["1.ndjson"]).map(\.["path"].string) == expected)
    }

    /// The result file of a part and what it was to hold.
    private func write(part: Int, of count: Int, in place: Workplace) throws {
        try place.write(line("\(part)"), to: "r.\(part)-of-\(count).ndjson")
        let head = "{\"files\":1,\"list\":\"x\",\"of\":\(count),\"part\":\(part),\"schema\":1}\n"
        try place.write(
            head + "{\"meeting\":\"m_1\",\"path\":\"\(part)\"}\n", to: "r.\(part)-of-\(count).ndjson.list")
    }

    @Test func missingPartsAreRefused() throws {
        let place = try Workplace()
        for part in 1...8 where part != 3 && part != 7 { try write(part: part, of: 8, in: place) }
        let parts = [1, 2, 4, 5, 6, 8].map { "r.\($0)-of-8.ndjson" }
        let result = try place.run(["batch", "merge"] + parts + ["-o", "m.ndjson"])
        #expect(result.exitStatus == 65)
        #expect(result.errors.contains("2 of 8 parts are missing (3-of-8, 7-of-8)"))
        #expect(!FileManager.default.fileExists(atPath: place.file("m.ndjson")))
        #expect(try merged(place, parts, "--partial").count == 6)
        for part in [3, 7] { try write(part: part, of: 8, in: place) }
        #expect(try merged(place, parts + ["r.3-of-8.ndjson", "r.7-of-8.ndjson"]).count == 8)
        let last = try place.run(["batch", "merge"] + (1...7).map { "r.\($0)-of-8.ndjson" } + ["-o", "m.ndjson"])
        #expect(last.exitStatus == 65 && last.errors.contains("8-of-8"))
        let first = try place.run(["batch", "merge"] + (2...8).map { "r.\($0)-of-8.ndjson" } + ["-o", "m.ndjson"])
        #expect(first.exitStatus == 65 && first.errors.contains("1-of-8"))
    }

    @Test func longListsOfMissingPartsAreCutShort() throws {
        let place = try Workplace()
        for count in [6, 7] { try write(part: 1, of: count, in: place) }
        let five = try place.run("batch", "merge", "r.1-of-6.ndjson", "-o", "m.ndjson")
        #expect(five.errors.contains("(2-of-6, 3-of-6, 4-of-6, 5-of-6, 6-of-6);"))
        let six = try place.run("batch", "merge", "r.1-of-7.ndjson", "-o", "m.ndjson")
        #expect(six.errors.contains("6-of-7, …)") && !six.errors.contains("7-of-7"))
    }

    @Test func mergedFilesAreNewPrivateAndCounted() throws {
        let place = try Workplace()
        try place.write(line("a") + line("b") + line("a"), to: "1.ndjson")
        let summary = try place.json("batch", "merge", "1.ndjson", "--output", "m.ndjson")["batch"]
        #expect(summary["files"].int == 2 && summary["results"]["refused"].int == 2)
        #expect(summary["out"].string == "m.ndjson")
        let attributes = try FileManager.default.attributesOfItem(atPath: place.file("m.ndjson"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let before = try place.text(of: "m.ndjson")
        #expect(try place.run("batch", "merge", "1.ndjson", "-o", "m.ndjson").exitStatus == 73)
        #expect(try place.text(of: "m.ndjson") == before)
        #expect(try place.run("batch", "merge", "absent.ndjson", "-o", "n.ndjson").exitStatus == 66)
    }

    /// What is joined appears whole or not at all: a disk that fills up half-way leaves nothing, under no name.
    @Test func aFullDiskLeavesNothing() throws {
        let person = try Newcomer()
        try person.place.write((10..<30).map { line("\($0)") }.joined(), to: "1.ndjson")
        // A file may have a block or two of 512 bytes here, and the lines have 4 KB.
        let merge = "earmark batch merge 1.ndjson -o m.ndjson"
        let full = try person.type("trap '' XFSZ; ulimit -f 1; \(merge)")
        #expect(full.isRefused(74, saying: "m.ndjson"), "\(full)")
        let names = try FileManager.default.contentsOfDirectory(atPath: person.place.folder.url.path)
        #expect(names.filter { !$0.hasPrefix(".") } == ["1.ndjson"], "\(names)")
        try person.done(merge)
        #expect(try person.place.text(of: "m.ndjson").split(separator: "\n").count == 20)
    }

    @Test func foreignLinesAreRefusedByNumber() throws {
        let place = try Workplace()
        let newer = line("b").replacingOccurrences(of: "\"schema\":1", with: "\"schema\":2")
        for bad in [newer, "x\n", "{}\n"] {
            try place.write(line("a") + bad, to: "1.ndjson")
            let result = try place.run("batch", "merge", "1.ndjson", "-o", "m.ndjson")
            #expect(result.exitStatus == 65 && result.errors.contains("'1.ndjson', line 2"))
        }
    }

    /// Longer than what is read at a time.
    @Test func largeFilesAreReadWhole() throws {
        let place = try Workplace()
        let long = String(repeating: "x", count: 3_000)
        try place.write((0..<900).map { line("\(1_000 + $0)\(long)") }.joined(), to: "1.ndjson")
        let paths = try merged(place, ["1.ndjson"]).compactMap { $0["path"].string?.prefix(4) }
        #expect(paths == (0..<900).map { "\(1_000 + $0)" })
    }
}

extension JSON {
    /// As text with sorted keys.
    fileprivate var text: String {
        guard let value, let data = try? JSONSerialization.data(withJSONObject: value, options: .sortedKeys) else {
            return ""
        }
        return String(decoding: data, as: UTF8.self)
    }
}
