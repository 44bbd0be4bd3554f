import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "Stopping and going on": what `--resume` analyses and what it leaves.
@Suite struct BatchResumeTests {
    @Test func onlyWhatLacksALineIsAnalysed() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        try batch.batch(["in"], meeting: batch.first)
        let before = try batch.place.text(of: "r.ndjson")
        let refused = try batch.batch(["in"], meeting: batch.first)
        #expect(refused.exitStatus == 73 && refused.errors.contains("--resume"))
        #expect(try batch.place.text(of: "r.ndjson") == before, "results are not overwritten")
        try batch.add("in/c.wav", seed: 9)
        let summary = try batch.summary(["in"], meeting: batch.first, ["--resume"])
        #expect(summary["files"].int == 3 && summary["resumed"].int == 2 && summary["remaining"].int == 0)
        #expect(summary["results"]["not-found"].int == 3, "known ones are counted, too")
        #expect(try batch.place.text(of: "r.ndjson").hasPrefix(before))
        #expect(try batch.lines().map(\.["path"].string).dropFirst(2) == ["in/c.wav"])
        #expect(try batch.stored().count == 3)
    }

    @Test func newContentUnderAnOldNameIsAnalysed() throws {
        let batch = try BatchPlace("a.wav")
        try batch.batch(["in"], meeting: batch.first)
        let first = try batch.lines()[0]["sha256"].string
        try batch.add("in/a.wav", seed: 50)
        #expect(try batch.summary(["in"], meeting: batch.first, ["--resume"])["resumed"].int == 0)
        let lines = try batch.lines()
        #expect(lines.count == 2 && lines[1]["sha256"].string != first)
        #expect(lines[1]["sha256"].string == lines[1]["file"]["sha256"].string)
        // The last line about a file counts: with the old content back it must tell of that again.
        try batch.add("in/a.wav", seed: 1)
        try batch.batch(["in"], meeting: batch.first, ["--resume"])
        #expect(try batch.lines().last(about: "in/a.wav")["sha256"].string == first)
        #expect(try batch.stored().count == 2, "and nothing is analysed twice")
        try batch.batch(["in"], meeting: batch.first, ["--resume"])
        #expect(try batch.lines().count == 3)
    }

    @Test func filesThatComeBackAreAskedAboutAgain() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.write("file\nin/a.wav\nin/late.wav\n", to: "m.csv")
        #expect(try batch.batch(["m.csv"], meeting: batch.first).exitStatus == 30)
        let absent = try batch.lines().last(about: "in/late.wav")
        #expect(absent["refusal"]["code"].string == "notFound" && absent["sha256"].isAbsent)
        #expect(absent["request"]["meeting"].string == batch.first && absent["verdict"].isAbsent)
        #expect(try batch.batch(["m.csv"], meeting: batch.first, ["--resume"]).exitStatus == 30)
        #expect(try batch.lines().count == 2, "the same outcome is not said again")
        try batch.add("in/late.wav", seed: 9)
        let summary = try batch.summary(["m.csv"], meeting: batch.first, ["--resume"])
        #expect(summary["resumed"].int == 1 && summary["results"]["refused"].isAbsent)
        #expect(try batch.lines().count == 3)
        #expect(try batch.lines().last(about: "in/late.wav")["verdict"].string == "not-found")
        #expect(try batch.summary(["m.csv"], meeting: batch.first, ["--resume"])["resumed"].int == 2)
    }

    @Test func theLastLineSaysHowItIsToday() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.write("file\nin/a.wav\n", to: "m.csv")
        func verdict() throws -> String? {
            let status = try batch.batch(["m.csv"], meeting: batch.first, ["--resume"]).exitStatus
            let line = try batch.lines().last(about: "in/a.wav")
            #expect(status == (line["refusal"].isAbsent ? 0 : 30))
            return line["verdict"].string ?? line["refusal"]["code"].string
        }
        #expect(try verdict() == "not-found")
        try FileManager.default.moveItem(atPath: batch.place.file("in"), toPath: batch.place.file("away"))
        #expect(try verdict() == "notFound")
        try FileManager.default.moveItem(atPath: batch.place.file("away"), toPath: batch.place.file("in"))
        #expect(try verdict() == "not-found")
        #expect(try batch.lines().count == 3)
        #expect(Set(try batch.lines().compactMap(\.["id"].string)).count == 1, "the answer is the first one")
        // And once more: what was said before the last line is not said now.
        try FileManager.default.moveItem(atPath: batch.place.file("in"), toPath: batch.place.file("away"))
        #expect(try verdict() == "notFound" && batch.lines().count == 4)
        #expect(try verdict() == "notFound" && batch.lines().count == 4)
    }

    @Test func meetingsThatWereUnknownAreAskedAboutAgain() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.succeed("init", "--org", "Other Ltd", "--store", "other.db")
        try batch.place.write("file,meeting\nin/a.wav,\(batch.first)\n", to: "m.csv")
        let other = ["--store", "other.db", "--resume"]
        #expect(try batch.batch(["m.csv"], other).exitStatus == 30)
        let refused = try batch.lines()[0]
        #expect(refused["refusal"]["code"].string == "unknown-meeting")
        #expect(refused["sha256"].string?.count == 64 && refused["id"].isAbsent)
        #expect(try batch.batch(["m.csv"], other).exitStatus == 30)
        #expect(try batch.lines().count == 1)
        #expect(try batch.batch(["m.csv"], ["--resume"]).exitStatus == 0)
        #expect(try batch.lines().map(\.["meeting"]["id"].string) == [nil, batch.first])
    }

    @Test func meetingsWhoseKeyWasMissingAreAskedAboutAgain() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.write("file,meeting\nin/a.wav,\(batch.first)\n", to: "m.csv")
        let key = batch.place.file("store.db.key")
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        #expect(try batch.batch(["m.csv"]).exitStatus == 30)
        #expect(try batch.lines()[0]["refusal"]["code"].string == "key-file-missing")
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        #expect(try batch.batch(["m.csv"], ["--resume"]).exitStatus == 0)
        #expect(try batch.lines().last(about: "in/a.wav")["verdict"].string == "not-found")
    }

    @Test func anotherRefusalOfAMeetingIsSaid() throws {
        let batch = try BatchPlace("a.wav")
        try batch.place.succeed("init", "--org", "Other Ltd", "--store", "other.db")
        try batch.place.write("file,meeting\nin/a.wav,\(batch.first)\n", to: "m.csv")
        try batch.batch(["m.csv"], ["--store", "other.db"])
        try batch.remove("store.db.key")
        try batch.batch(["m.csv"], ["--resume"])
        #expect(
            try batch.lines().map(\.["refusal"]["code"].string) == ["unknown-meeting", "key-file-missing"])
    }

    @Test func refusalsThatTheContentDecidesLast() throws {
        let batch = try BatchPlace("a.wav")
        try batch.write(Data("no recording".utf8), to: "in/text.wav")
        try batch.write(BatchPlace.wave(seed: 1).prefix(30), to: "in/torn.wav")
        let first = try batch.summary(["in"], meeting: batch.first)
        #expect(first["results"]["refused"].int == 2)
        let again = try batch.summary(["in"], meeting: batch.first, ["--resume"])
        #expect(again["resumed"].int == 3 && again["results"]["refused"].int == 2)
        #expect(try batch.stored().count == 3, "refused files are not decoded again")
    }

    @Test func eachMemberOfTheRequestDecides() throws {
        let batch = try BatchPlace("a.wav")
        func resumed(_ arguments: String...) throws -> Int? {
            let result = try batch.place.run(
                ["batch", "in", "--out", "r.ndjson", "--no-store", "--resume", "--json"] + arguments)
            return try JSON(text: result.text)["batch"]["resumed"].int
        }
        try batch.batch(["in"], meeting: batch.first, ["--no-store"])
        #expect(try resumed("--meeting", batch.first, "--allow-short", "--effort", "fast") == 1)
        #expect(try resumed("--meeting", batch.second, "--allow-short", "--effort", "fast") == 0)
        #expect(try resumed("--meeting", batch.first, "--allow-short") == 0)
        #expect(try resumed("--meeting", batch.first, "--effort", "fast") == 0)
        let lines = try batch.lines()
        #expect(lines.map(\.["request"]["effort"].string) == ["fast", "fast", "normal", "fast"])
        #expect(lines.map(\.["request"]["allowShort"].bool) == [true, true, true, false])
        #expect(lines[3]["refusal"]["code"].string == "tooShort")
        #expect(lines[2]["tested"]["effort"].string == "normal")
        #expect(try resumed("--meeting", batch.first, "--effort", "normal", "--allow-short") == 1)
        let text = try batch.place.text(of: "r.ndjson")
        let version = try #require(lines[0]["request"]["toolVersion"].string)
        #expect(try batch.place.succeed("--version").contains(version))
        try batch.place.write(
            text.replacingOccurrences(of: "\"toolVersion\":\"\(version)\"", with: "\"toolVersion\":\"0.0.1\""),
            to: "r.ndjson")
        #expect(try resumed("--meeting", batch.first, "--allow-short", "--effort", "fast") == 0)
    }

    /// "Where no line is of this request, a warning says how many there are and what differs": and only there.
    @Test func linesOfAnotherRequestAloneAreTold() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        func warning(_ meeting: String, _ arguments: String...) throws -> String {
            let about = ["batch", "in", "--out", "r.ndjson", "--no-store", "--resume", "--meeting", meeting]
            let errors = try batch.place.run(about + arguments).errors
            return errors.split(separator: "\n").first { $0.hasPrefix("earmark: warning: ") }.map(String.init) ?? ""
        }
        #expect(try warning(batch.first, "--allow-short", "--effort", "fast").isEmpty, "there is no line yet")
        #expect(try warning(batch.first, "--allow-short", "--effort", "fast").isEmpty, "all lines are of it")
        try batch.add("in/c.wav", seed: 9)
        #expect(
            try warning(batch.first, "--allow-short", "--effort", "fast").isEmpty, "what is new is no other request")
        let short = try warning(batch.first, "--effort", "fast")
        #expect(short.contains("all 3 lines of 'r.ndjson' answer another request (--allow-short): "))
        #expect(try batch.lines().count == 6, "it is analysed anew all the same")
        #expect(try warning(batch.first, "--effort", "fast").isEmpty, "some lines are of it")
        let other = try warning(batch.second, "--allow-short")
        #expect(
            other.contains("all 6 lines of 'r.ndjson' answer another request (meeting \(batch.first), --effort fast): ")
        )
        #expect(other.contains("give its options again"))
    }

    @Test func resumingBeginsWhereNothingIsYet() throws {
        let batch = try BatchPlace("a.wav")
        #expect(try batch.batch(["in"], meeting: batch.first, ["--resume"]).exitStatus == 0)
        #expect(try batch.lines().count == 1)
        try batch.place.write("", to: "empty.ndjson")
        #expect(try batch.batch(["in"], out: "empty.ndjson", meeting: batch.first).exitStatus == 0)
    }

    /// "Reads for that every file whose size, times or inode are not those that were noted"; a date may be put back.
    ///
    /// The clock is a day ahead, so that no file was changed just now.
    @Test(arguments: ["left", "touched", "in place", "replaced"]) func whatWasChangedIsRead(how: String) throws {
        let batch = try BatchPlace("a.wav")
        let (file, date) = (batch.place.file("in/a.wav"), Date(timeIntervalSince1970: 1_700_000_000))
        func putBack() throws { try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file) }
        func resumed() throws -> Int? {
            let arguments = ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--resume", "--json"]
            let later = try WrongClock.environment(days: 1)
            let result = try batch.place.run(arguments + BatchPlace.quick, environment: later)
            return try JSON(text: result.text)["batch"]["resumed"].int
        }
        try putBack()
        #expect(try resumed() == 0)
        #expect(try batch.place.text(of: "r.ndjson.list").contains("\"read\""), "it was noted")
        let other = BatchPlace.wave(seed: 2)
        switch how {
        case "left": break
        case "touched": try batch.add("in/a.wav", seed: 2)
        case "in place":
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
            try handle.write(contentsOf: other)
            try handle.close()
            try putBack()
        default:
            try batch.write(other, to: "new.wav")
            try batch.remove("in/a.wav")
            try FileManager.default.moveItem(atPath: batch.place.file("new.wav"), toPath: file)
            try putBack()
        }
        #expect(try resumed() == (how == "left" ? 1 : 0))
        #expect(try batch.lines().count == (how == "left" ? 1 : 2))
        #expect(Set(try batch.lines().map(\.["sha256"].string)).count == (how == "left" ? 1 : 2))
    }
}
