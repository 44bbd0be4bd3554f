import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "An answer that was stored but not written when the process died is taken from the store": that
/// one, and no answer to another question.
@Suite struct BatchStoredAnswerTests {
    /// A batch of `in/a.wav` that died between the store and the line.
    private func died(_ more: String...) throws -> BatchPlace {
        let batch = try BatchPlace("a.wav")
        try batch.batch(["in"], meeting: batch.first, more)
        try batch.place.write("", to: "r.ndjson")
        return batch
    }

    /// Resumes; whether the stored answer was taken.
    private func takes(
        _ batch: BatchPlace, meeting: String? = nil, _ arguments: [String] = BatchPlace.quick
    ) throws -> Bool {
        let before = try batch.stored().compactMap(\.["id"].string)
        _ = try batch.place.run(
            ["batch", "in", "--resume", "--out", "r.ndjson", "--meeting", meeting ?? batch.first] + arguments)
        let line = try #require(try batch.lines().last)
        let isTaken = line["id"].string.map(before.contains) ?? false
        #expect(try batch.stored().count == before.count + (isTaken ? 0 : 1))
        #expect(line["request"]["meeting"].string == meeting ?? batch.first)
        return isTaken
    }

    @Test func theStoredAnswerIsTaken() throws {
        let batch = try died("--name", "Case 1")
        let stored = try batch.stored()[0]
        let quick = BatchPlace.quick + ["--name", "Case 2", "--note", "n"]
        #expect(try takes(batch, quick))
        let line = try batch.lines()[0]
        #expect(line["verdict"].string == "not-found" && line["path"].string == "in/a.wav")
        #expect(line["id"].string == stored["id"].string && line["date"].string == stored["date"].string)
        #expect(line["name"].string == "Case 2" && line["note"].string == "n", "its words are those of today")
        #expect(line["sha256"].string == line["file"]["sha256"].string)
        #expect(line["request"]["effort"].string == "fast" && line["request"]["allowShort"].bool == true)
    }

    @Test func onlyResumingTakesIt() throws {
        let batch = try died()
        try batch.batch(["in"], meeting: batch.first)
        #expect(try batch.stored().count == 2)
        try batch.remove("r.ndjson")
        try batch.batch(["in"], meeting: batch.first, ["--resume", "--no-store"])
        #expect(try batch.lines()[0]["id"].isAbsent, "without the store no answer of the store")
    }

    @Test func anotherMeetingsAnswerIsNotTaken() throws {
        let batch = try died()
        #expect(try takes(batch, meeting: batch.second) == false)
        #expect(try batch.lines()[0]["meeting"]["id"].string == batch.second)
    }

    @Test func anotherBoundsAnswerIsNotTaken() throws {
        let batch = try died()
        try batch.place.succeed("settings", "set", "threshold", "1e-12")
        #expect(try takes(batch) == false)
        #expect(try batch.lines()[0]["tested"]["log10Threshold"].double == -12)
        try batch.place.write("", to: "r.ndjson")
        #expect(try takes(batch))
        #expect(try batch.lines()[0]["tested"]["log10Threshold"].double == -12, "the right one of two")
    }

    @Test func anotherEffortsAnswerIsNotTaken() throws {
        let batch = try died()
        #expect(try takes(batch, ["--allow-short", "--effort", "normal"]) == false)
        #expect(try batch.lines()[0]["tested"]["effort"].string == "normal")
    }

    @Test func answersToShortFilesAreNotTakenUnlessAskedFor() throws {
        let batch = try died()
        #expect(try takes(batch, ["--effort", "fast"]) == false)
        #expect(try batch.lines()[0]["refusal"]["code"].string == "tooShort")
        try batch.place.write("", to: "r.ndjson")
        try batch.place.succeed("settings", "set", "allow-short", "on")
        #expect(try takes(batch, ["--effort", "fast"]), "the organisation asks for them")
    }

    @Test func limitsOfTodayHold() throws {
        let batch = try BatchPlace("a.wav")
        let fast = ["--effort", "fast"]
        try batch.place.succeed("settings", "set", "min-seconds", "2")
        _ = try batch.place.run(["batch", "in", "--meeting", batch.first, "--out", "r.ndjson"] + fast)
        try batch.place.write("", to: "r.ndjson")
        #expect(try takes(batch, fast))
        // Recordings must be longer than the limit.
        try batch.place.succeed("settings", "set", "min-seconds", "\(BatchPlace.seconds)")
        try batch.place.write("", to: "r.ndjson")
        #expect(try takes(batch, fast) == false)
        #expect(try batch.lines()[0]["refusal"]["code"].string == "tooShort")
        try batch.place.succeed("settings", "set", "min-seconds", "2")
        let bytes = BatchPlace.wave(seed: 1).count
        for (limit, refusal) in [(bytes, nil), (bytes - 1, "tooLarge")] {
            try batch.place.succeed("settings", "set", "max-bytes", "\(limit)")
            try batch.place.write("", to: "r.ndjson")
            #expect(try takes(batch, fast) == (refusal == nil))
            #expect(try batch.lines()[0]["refusal"]["code"].string == refusal)
        }
    }

    @Test func answersWithACleanCopyAreNotTaken() throws {
        let batch = try BatchPlace("a.wav")
        try batch.add("copy.wav", seed: 7, seconds: 6)
        try batch.place.succeed(
            ["analyze", "in/a.wav", "--meeting", batch.first, "--reference", "copy.wav"] + BatchPlace.quick)
        #expect(try takes(batch) == false)
        #expect(try batch.lines()[0]["reference"].isAbsent)
    }

    @Test func answersToOtherContentAreNotTaken() throws {
        let batch = try died()
        try batch.add("in/a.wav", seed: 77)
        #expect(try takes(batch) == false)
    }
}
