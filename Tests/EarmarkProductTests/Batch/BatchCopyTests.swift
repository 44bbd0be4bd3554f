import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "Content is never analysed twice for the same request, under however many names".
@Suite struct BatchCopyTests {
    @Test func furtherNamesGetALineOfTheirOwn() throws {
        let batch = try BatchPlace("a.wav", "sub/b.bin")
        try batch.write(BatchPlace.wave(seed: 1), to: "in/sub/b.bin")
        let rows = "in/a.wav,Case 1,first\nin/sub/b.bin,,second\n\(batch.place.file("in/a.wav")),Case 3,\n"
        try batch.place.write("file,name,note\n" + rows, to: "m.csv")
        try batch.batch(["m.csv"], meeting: batch.first, ["--jobs", "1", "--name", "Other"])
        let lines = try batch.lines()
        #expect(lines.map(\.["path"].string) == ["in/a.wav", "in/sub/b.bin", batch.place.file("in/a.wav")])
        #expect(lines.map(\.["name"].string) == ["Case 1", "Other", "Case 3"])
        #expect(lines.map(\.["note"].string) == ["first", "second", ""])
        #expect(lines.map(\.["file"]["name"].string) == ["a.wav", "b.bin", "a.wav"])
        let stored = try batch.stored()
        #expect(stored.count == 1)
        #expect(lines.allSatisfy { $0["id"].string == stored[0]["id"].string && $0["id"].string != nil })
        #expect(Set(lines.map(\.["date"].string)).count == 1 && Set(lines.map(\.["sha256"].string)).count == 1)
    }

    @Test func sameContentIsAnotherQuestionInAnotherMeeting() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        try batch.write(BatchPlace.wave(seed: 1), to: "in/b.wav")
        let rows = "in/a.wav,\(batch.first)\nin/b.wav,\(batch.second)\nin/a.wav,\(batch.second)\n"
        try batch.place.write("file,meeting\n" + rows, to: "m.csv")
        try batch.batch(["m.csv"], ["--jobs", "1"])
        let lines = try batch.lines()
        let meetings = [batch.first, batch.second, batch.second]
        #expect(lines.map(\.["meeting"]["id"].string) == meetings)
        #expect(lines.map(\.["request"]["meeting"].string) == meetings)
        #expect(lines[0]["id"].string != lines[1]["id"].string && lines[1]["id"].string == lines[2]["id"].string)
        #expect(try batch.summary(["m.csv"], ["--resume"])["resumed"].int == 3)
    }

    @Test func namesThatComeLaterGetACopy() throws {
        let batch = try BatchPlace("a.wav")
        try batch.batch(["in"], meeting: batch.first)
        try batch.write(BatchPlace.wave(seed: 1), to: "in/later.wav")
        let summary = try batch.summary(["in"], meeting: batch.first, ["--resume", "--name", "Late"])
        #expect(summary["resumed"].int == 1)
        let lines = try batch.lines()
        #expect(lines.map(\.["path"].string) == ["in/a.wav", "in/later.wav"])
        #expect(lines.map(\.["name"].string) == ["", "Late"] && lines[1]["file"]["name"].string == "later.wav")
        #expect(lines[0]["id"].string == lines[1]["id"].string)
        #expect(try batch.stored().count == 1)
    }

    @Test func refusalsAreCopiedToo() throws {
        let batch = try BatchPlace()
        for name in ["a", "b"] { try batch.write(Data("no recording".utf8), to: "in/\(name)") }
        let result = try batch.batch(["in"], meeting: batch.first)
        #expect(result.exitStatus == 30)
        let lines = try batch.lines()
        #expect(lines.map(\.["refusal"]["code"].string) == ["unsupportedType", "unsupportedType"])
        #expect(Set(lines.map(\.["path"].string)) == ["in/a", "in/b"])
        #expect(try batch.stored().count == 1)
    }

    /// What to do names the file that the line is about.
    @Test func adviceOfACopiedRefusalNamesTheCopy() throws {
        let batch = try BatchPlace()
        let matroska = Data([0x1A, 0x45, 0xDF, 0xA3] + [UInt8](repeating: 0, count: 400))
        for name in ["a.mkv", "b b.mkv"] { try batch.write(matroska, to: "in/\(name)") }
        try batch.batch(["in"], meeting: batch.first, ["--jobs", "1"])
        let messages = try batch.lines().map { $0["refusal"]["message"].string ?? "" }
        #expect(messages.count == 2)
        #expect(messages[0].contains("ffmpeg -i in/a.mkv -map 0:a"))
        #expect(messages[1].contains("ffmpeg -i 'in/b b.mkv' -map 0:a") && !messages[1].contains("a.mkv"))
    }

    @Test func manyAtATimeAnalyseSameContentOnce() throws {
        let batch = try BatchPlace()
        for number in 0..<12 { try batch.write(BatchPlace.wave(seed: number % 3), to: "in/\(number).wav") }
        try batch.batch(["in"], meeting: batch.first, ["--jobs", "6"])
        let lines = try batch.lines()
        #expect(lines.count == 12 && Set(lines.compactMap(\.["path"].string)).count == 12)
        #expect(Set(lines.compactMap(\.["id"].string)).count == 3)
        #expect(try batch.stored().count == 3)
    }
}
