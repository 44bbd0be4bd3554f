import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "What goes in": which files a batch takes.
@Suite struct BatchTakesTests {
    @Test func foldersGiveAllBelowThemWhateverTheirNames() throws {
        let batch = try BatchPlace(
            "b.mp4", "a.wav", "Z.txt", "without", ".hidden", "sub/c.jpg", "sub/.x/d.mp4", "sub-1")
        try FileManager.default.createSymbolicLink(
            atPath: batch.place.file("in/folder"), withDestinationPath: batch.place.file("in/sub"))
        try FileManager.default.createSymbolicLink(
            atPath: batch.place.file("in/link.mp4"), withDestinationPath: batch.place.file("in/b.mp4"))
        try FileManager.default.createSymbolicLink(
            atPath: batch.place.file("in/dangling"), withDestinationPath: batch.place.file("in/absent"))
        // By bytes: capitals before small letters, on every machine.
        let all = [
            "in/Z.txt", "in/a.wav", "in/b.mp4", "in/dangling", "in/link.mp4", "in/sub-1", "in/sub/c.jpg", "in/without",
        ]
        #expect(try batch.paths("in") == all)
        #expect(try batch.paths("in/") == all)
    }

    @Test func storeAndResultsAreLeftOut() throws {
        let batch = try BatchPlace("a.wav")
        try batch.write(Data("x".utf8), to: "r.ndjson")
        try batch.write(Data("x".utf8), to: "store.db-wal")
        try batch.write(Data("x".utf8), to: "other.ndjson.txt")
        try batch.write(Data("x".utf8), to: "s.1-of-2.ndjson")
        let found = try batch.paths(".")
        #expect(found == ["./in/a.wav", "./other.ndjson.txt", "./s.1-of-2.ndjson"])
    }

    @Test func theKeyFileIsLeftOutWhereverItIsNamed() throws {
        let batch = try BatchPlace("a.wav")
        try FileManager.default.moveItem(
            atPath: batch.place.file("store.db.key"), toPath: batch.place.file("in/secret"))
        try FileManager.default.moveItem(
            atPath: batch.place.file("store.db.key.head"), toPath: batch.place.file("in/secret.head"))
        let result = try batch.place.run(
            ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--dry-run", "--json"],
            environment: ["EARMARK_KEY_FILE": batch.place.file("in/secret")])
        let files = try JSON(text: result.text)["plan"]["files"].array
        #expect(files.compactMap(\.["path"].string) == ["in/a.wav"])
    }

    @Test func namesAreNarrowedInFoldersOnly() throws {
        let batch = try BatchPlace("a.wav", "b.MP4", "c.mp4", "mp4/d.txt")
        #expect(try batch.paths("in", include: ["*.mp4"]) == ["in/b.MP4", "in/c.mp4"])
        #expect(try batch.paths("in", include: ["d*", "a.?av"]) == ["in/a.wav", "in/mp4/d.txt"])
        #expect(try batch.paths("in/a.wav", "in/mp4", include: ["*.mp4"]) == ["in/a.wav"], "a file named is taken")
        #expect(try batch.paths("in", include: ["mp4*"]).isEmpty, "the pattern is for names and not for paths")
    }

    @Test func patternsGiveWhatTheyMatch() throws {
        let batch = try BatchPlace("b.wav", "a.wav", "c.mp4", "sub/d.txt")
        #expect(try batch.paths("in/*.wav") == ["in/a.wav", "in/b.wav"])
        #expect(try batch.paths("in/[cs]*") == ["in/c.mp4", "in/sub/d.txt"])
        #expect(try batch.paths("in/?.mp4") == ["in/c.mp4"])
        for absent in ["in/*.flac", "in/absent.wav", "absent"] {
            let result = try batch.batch([absent], meeting: batch.first)
            #expect(result.exitStatus == 66 && result.errors.contains("'\(absent)'"))
        }
        #expect(!FileManager.default.fileExists(atPath: batch.place.file("r.ndjson")), "the batch did not begin")
    }

    @Test func everyFileIsTakenOnceForAMeeting() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        #expect(try batch.paths("in/b.wav", "in", "in/*.wav") == ["in/b.wav", "in/a.wav"])
        let rows = [batch.first, batch.second, batch.first].map { "in/a.wav,\($0)\n" }.joined()
        try batch.place.write("file,meeting\n" + rows, to: "m.csv")
        let files = try batch.plan(["m.csv"]).plan["files"].array
        #expect(files.map(\.["meeting"].string) == [batch.first, batch.second], "another meeting is another question")
    }

    @Test func aMeetingMustBeNamed() throws {
        let batch = try BatchPlace("a.wav")
        let without = try batch.batch(["in"])
        #expect(without.exitStatus == 65 && without.errors.contains("in/a.wav"))
        #expect(try batch.batch(["in"], meeting: "m_nope").exitStatus == 66)
        #expect(!FileManager.default.fileExists(atPath: batch.place.file("r.ndjson")))
        try batch.place.write("file,meeting\nin/a.wav,\(batch.second)\n", to: "m.csv")
        #expect(try batch.batch(["m.csv"]).exitStatus == 0)
        let both = try batch.batch(["in"], meeting: batch.first, ["--any-meeting"])
        #expect(both.exitStatus == 64)
    }
}

/// docs/batch.md, "`--dry-run` lists what would be analysed and touches nothing".
@Suite struct BatchPlanTests {
    @Test func plansNameSizesAndProblems() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        try batch.write(Data(count: 7), to: "in/b.wav")
        try batch.place.write("file\nin/a.wav\nin/absent.wav\nin\nin/b.wav\n", to: "m.csv")
        let (plan, status) = try batch.plan(["m.csv", "--meeting", batch.first])
        #expect(status == 30, "some could not be analysed")
        let files = plan["files"].array
        #expect(files.map(\.["path"].string) == ["in/a.wav", "in/absent.wav", "in", "in/b.wav"])
        #expect(files.allSatisfy { $0["meeting"].string == batch.first })
        let wave = BatchPlace.wave(seed: 1).count
        #expect(files[0]["bytes"].int == wave && files[3]["bytes"].int == 7 && files[1]["bytes"].isAbsent)
        #expect(files[0]["problem"].isAbsent && files[3]["problem"].isAbsent)
        #expect(files[1]["problem"].string?.contains("No such file") == true)
        #expect(files[2]["problem"].string == "not a plain file")
        #expect(plan["out"].string == "r.ndjson")
        let text = try batch.place.run(
            "batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--dry-run", "--shard", "1/2")
        #expect(text.exitStatus == 0)
        #expect(text.text.contains("1 file, \(wave) bytes; results would go to r.1-of-2.ndjson"))
        #expect(text.text.contains("in/a.wav") && !text.text.contains("in/b.wav"))
    }

    /// A shell may have found them: whoever hands in recordings sends nobody to other files of the machine.
    @Test func aListBesideOthersIsTakenForARecording() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.write("file\n/etc/passwd\n", to: "m.csv")
        let (plan, _) = try batch.plan(["in/a.wav", "m.csv", "--meeting", batch.first])
        #expect(plan["files"].array.map(\.["path"].string) == ["in/a.wav", "m.csv"])
        let (alone, _) = try batch.plan(["m.csv", "--meeting", batch.first])
        #expect(alone["files"].array.map(\.["path"].string) == ["/etc/passwd"])
    }

    @Test func plansTouchNothing() throws {
        let batch = try BatchPlace("a.wav")
        let before = try FileManager.default.contentsOfDirectory(atPath: batch.place.folder.url.path)
            .filter { !$0.hasPrefix("store.db-") }.sorted()
        _ = try batch.plan(["in", "--meeting", batch.first])
        let after = try FileManager.default.contentsOfDirectory(atPath: batch.place.folder.url.path)
            .filter { !$0.hasPrefix("store.db-") }.sorted()
        #expect(after == before)
        #expect(try batch.stored().isEmpty)
        try batch.place.write("{}\n", to: "r.ndjson")
        #expect(try batch.plan(["in", "--meeting", batch.first]).exitStatus == 0)
        #expect(try batch.place.text(of: "r.ndjson") == "{}\n")
    }
}
