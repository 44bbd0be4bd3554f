import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, `played_at`: when a file was played is part of what is asked about it.
@Suite struct BatchPlayedAtTests {
    @Test func rowsSayWhenTheyWerePlayed() throws {
        let batch = try BatchPlace("a.wav", "b.wav", "c.wav")
        let rows = ["file,played_at", "in/a.wav,1:05", "in/b.wav,", "in/c.wav,soon"]
        try batch.place.write(rows.joined(separator: "\n"), to: "m.csv")
        let result = try batch.batch(
            ["m.csv"], meeting: batch.first, ["--played-at", "2026-03-01T00:00Z", "--played-at-within", "2m"])
        #expect(result.exitStatus == 30)
        let lines = try batch.lines()
        let first = lines.last(about: "in/a.wav")
        #expect(first["request"]["playedAt"]["offset"].int == 65 && first["request"]["playedAt"]["within"].int == 120)
        #expect(first["playedAt"]["meetingSeconds"].int == 65)
        // The option stands in for what a row leaves out; nobody looks for marks at that time.
        let second = lines.last(about: "in/b.wav")
        #expect(second["request"]["playedAt"]["time"].string == "2026-03-01T00:00:00Z")
        #expect(second["refusal"]["code"].string == "time-outside")
        #expect(lines.last(about: "in/c.wav")["refusal"]["code"].string == "value-invalid")
        let json = ["{\"file\":\"in/a.wav\",\"played_at\":\"-2m\"}", "{\"file\":\"in/b.wav\"}"]
        try batch.place.write(json.joined(separator: "\n"), to: "m.ndjson")
        try batch.remove("r.ndjson")
        #expect(try batch.batch(["m.ndjson"], meeting: batch.first).exitStatus == 0)
        #expect(try batch.lines().last(about: "in/a.wav")["playedAt"]["meetingSeconds"].int == -120)
        #expect(try batch.lines().last(about: "in/b.wav")["playedAt"].isAbsent)
    }

    /// Which meeting a time is of must be known.
    @Test func aSearchHasNoTime() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.write("file,played_at\nin/a.wav,5m\n", to: "m.csv")
        #expect(try batch.batch(["m.csv"], ["--any-meeting"]).exitStatus == 30)
        #expect(try batch.lines().last(about: "in/a.wav")["refusal"]["code"].string == "time-outside")
    }

    /// Another time is another question; neither a line nor a stored answer to one answers the other.
    @Test func anotherTimeIsAnalysedAgain() throws {
        let batch = try BatchPlace("a.wav")
        func run(_ stated: [String]) throws -> (resumed: Int?, id: String?) {
            let summary = try batch.summary(["in"], meeting: batch.first, ["--resume"] + stated)
            return (summary["resumed"].int, try batch.lines().last?["id"].string)
        }
        let five = try run(["--played-at", "5m"])
        #expect(five.resumed == 0)
        #expect(try run(["--played-at", "300"]).resumed == 1, "the same time")
        let six = try run(["--played-at", "6m"])
        let wider = try run(["--played-at", "5m", "--played-at-within", "100s"])
        let none = try run([])
        #expect([six.resumed, wider.resumed, none.resumed] == [0, 0, 0])
        #expect(Set([five.id, six.id, wider.id, none.id]).count == 4 && five.id != nil)
        // Stored answers are taken for the question that they answer alone.
        try batch.remove("r.ndjson")
        try batch.remove("r.ndjson.list")
        #expect(try run(["--played-at", "5m"]).id == five.id)
        #expect(try run(["--played-at", "6m"]).id == six.id)
        #expect(try run([]).id == none.id)
        #expect(try batch.stored().count == 4)
    }

    /// One file twice in a manifest, at two times, is two questions, of which both must have their line.
    @Test func oneFileAtTwoTimesIsTwoQuestions() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.write("file,played_at\nin/a.wav,5m\nin/a.wav,6m\nin/a.wav,5m\n", to: "m.csv")
        #expect(try batch.summary(["m.csv"], meeting: batch.first)["files"].int == 2)
        #expect(Set(try batch.lines().map { $0["playedAt"]["meetingSeconds"].int }) == [300, 360])
    }

    /// Parts of which one states another time, or how far off it may be, are of two batches, and are not joined.
    @Test(arguments: [
        (["5m", "100s"], ["300", "100"], true),
        (["5m", "100s"], ["5m", "101s"], false), (["5m", "100s"], ["6m", "100s"], false),
        (["2026-03-01T00:00Z", "100s"], ["2026-03-01T00:00Z", "101s"], false),
        (["2026-03-01T00:00Z", "100s"], ["2026-03-01T00:00:01Z", "100s"], false),
    ])
    func partsOfOneBatchStateOneTime(first: [String], second: [String], isOne: Bool) throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        for (index, stated) in [first, second].enumerated() {
            let options = ["--shard", "\(index + 1)/2", "--played-at", stated[0], "--played-at-within", stated[1]]
            try batch.batch(["in"], out: "p.ndjson", meeting: batch.first, options + ["--no-store"])
        }
        let parts = ["p.1-of-2.ndjson", "p.2-of-2.ndjson"]
        #expect(try parts.map { try batch.lines($0).count } == [1, 1])
        let merged = try batch.place.run(["batch", "merge"] + parts + ["-o", "m.ndjson"])
        #expect((merged.exitStatus == 0) == isOne, "\(merged.errors)")
        if !isOne { #expect(merged.exitStatus == 65) }
    }

    /// docs/many.md: a plan fixes the time, and workers answer for it.
    @Test func aRunKeepsTheTime() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.plan(parts: 1, to: "stated.json", "--played-at", "5m")
        #expect(try run.part(1, plan: "stated.json").exitStatus == 0)
        try run.place.succeed("run", "merge", "stated.json", "p.ndjson", "-o", "run.ndjson")
        #expect(try run.place.json("run", "import", "stated.json", "run.ndjson")["imported"]["added"].int == 1)
        let id = try run.batch.stored()[0]["id"].string ?? ""
        let report = try run.place.json("analysis", "show", id)["analysis"]["report"]
        #expect(report["playedAt"]["meetingSeconds"].int == 300)
        #expect(
            report["statements"].array.contains {
                $0.string?.contains("came first in the order of what was tried") ?? false
            })
        // A part of another plan says another thing.
        #expect(try run.merge(["p.ndjson"], to: "other.ndjson").exitStatus == 65)
    }

    /// Whatever an input is, a file, a folder or an address, the plan says when it was played.
    @Test func aPlanHasTheTimeOfEachInput() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 1)
        let inputs = ["https://example.org/c.wav", "in", "in/a.wav", "s3.example.org"]
        try run.place.write("no audio", to: "s3.example.org")
        try run.place.succeed(
            ["run", "plan"] + inputs + [
                "--parts", "1", "--played-at", "5m", "--played-at-within", "2m", "-o", "p.json",
            ])
        let items = try JSON(text: try run.place.text(of: "p.json"))["items"].array
        #expect(items.contains { $0["input"].string == inputs[0] } && items.count >= 4)
        for item in items {
            let stated = item["playedAt"]
            #expect(stated["offset"].int == 300 && stated["within"].int == 120, "\(item["input"].string ?? "")")
        }
    }
}
