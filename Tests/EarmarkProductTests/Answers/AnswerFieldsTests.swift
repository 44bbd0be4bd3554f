import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md: every field of the answer to a recording with one source, from a roster that begins with
/// endpoints without a mark.
@Suite struct AnswerFieldsTests {
    /// One analysis, with what surrounds it.
    private struct Case: Sendable {
        let printed: Printed
        let stored: Printed
        let listed: Printed
        let version: String
        let digest: String
        let bytes: Int
        let before: Date
        let after: Date
    }

    private static let one = Result {
        let board = try Board.shared()
        let place = try board.workplace()
        try FileManager.default.createDirectory(atPath: place.file("sub"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: board.bela, toPath: place.file("sub/leak one.wav"))
        // Another look at the meeting, which is logged and is no analysis.
        try place.succeed("client", "list", "--meeting", board.meeting)
        let before = Date()
        let printed = try Printed(
            place, "analyze", "sub/leak one.wav", "--meeting", board.meeting, "--json", "--name", "Case 12", "--note",
            "Found on a forum")
        let after = Date()
        let id = try printed.answer["id"].string ?? ""
        return Case(
            printed: printed, stored: try Printed(place, "analysis", "show", id, "--json"),
            listed: try Printed(place, "analysis", "list", "--meeting", board.meeting, "--json"),
            version: try place.succeed("--version").trimmingCharacters(in: .whitespacesAndNewlines),
            digest: try sha256(board.bela),
            bytes: try Data(contentsOf: URL(fileURLWithPath: board.bela)).count, before: before, after: after)
    }

    /// SHA-256 of a file, by the system's tool.
    private static func sha256(_ path: String) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sha256sum", path]
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output.prefix(64), as: UTF8.self)
    }

    private let one: Case
    private let answer: JSON
    private let board: Board

    init() throws {
        one = try AnswerFieldsTests.one.get()
        answer = try one.printed.answer
        board = try Board.shared()
    }

    /// "A field that does not apply is absent, never `null`"; exit status 0, nothing on standard error.
    @Test func theFormIsThatOfTheDocument() throws {
        #expect(one.printed.exitStatus == 0)
        #expect(one.printed.errors.isEmpty)
        #expect(try one.printed.json.keys == ["analyses", "schema"])
        #expect(try one.printed.json["schema"].int == 1)
        #expect(try one.printed.json["analyses"].array.count == 1)
        #expect(!one.printed.text.contains("null"))
        #expect(
            answer.keys == [
                "date", "file", "id", "made", "meeting", "name", "note", "path", "pilot", "profile", "sources",
                "statements", "summary", "tested", "toolVersion", "unmarkable", "verdict", "warnings",
            ])
        // "its keys sorted": those of the entry are indented alike.
        let keys = one.printed.text.matches(of: /\n {6}"([A-Za-z0-9]+)" :/).map { String($0.1) }
        #expect(keys == keys.sorted() && keys.count == answer.keys.count)
    }

    /// "An entry of `analyses`" and "`file`".
    @Test func theFileIsDescribed() throws {
        #expect(answer["path"].string == "sub/leak one.wav")
        let file = answer["file"]
        #expect(file["name"].string == "leak one.wav")
        #expect(file["container"].string == "wav")
        #expect(file["bytes"].int == one.bytes)
        #expect(file["sha256"].string == one.digest)
        #expect(file["seconds"].double == Board.seconds)
        #expect(file["corruptPackets"].int == 0 && file["isTruncated"].bool == false)
        #expect(file["tracks"].array.count == 1)
        let track = file["tracks"][0]
        #expect(track["index"].int == 0 && track["codec"].string == "pcm_s16le" && track["channels"].int == 1)
        #expect(track["sampleRate"].int == 16_000 && track["declaredSeconds"].double == Board.seconds)
        #expect(track["language"].isAbsent)
        #expect(answer["warnings"].array.isEmpty)
        #expect(answer["name"].string == "Case 12" && answer["note"].string == "Found on a forum")
        #expect(answer["toolVersion"].string == one.version)
    }

    /// `meeting`: `id`, `title`, `start`.
    @Test func theMeetingIsDescribed() {
        #expect(answer["meeting"]["id"].string == board.meeting)
        #expect(answer["meeting"]["title"].string == Board.title)
        #expect(answer["meeting"]["start"].string == Board.time(board.startsAt))
    }

    /// "An entry of `sources`".
    @Test func theSourceIsDescribed() throws {
        #expect(answer["verdict"].string == "identified")
        #expect(answer["summary"].string?.contains("Bela Berger <bela@example.org>, 13 inch") == true)
        #expect(answer["sources"].array.count == 1)
        let source = answer["sources"][0]
        #expect(source["verdict"].string == "identified" && source["reason"].isAbsent)
        #expect(source["client"].string == board.clients["bela@example.org"])
        #expect(source["participant"].string == "Bela Berger" && source["email"].string == "bela@example.org")
        #expect(source["device"].string == "13 inch" && source["kind"].string == "desktop")
        // A minute and more of a fresh mark is beyond all that is claimed: 1e-77 and nothing smaller.
        #expect(source["log10FalseAccusation"].double == -77)
        #expect(source["pitch"].double == 1 && source["rate"].double == 1)
        // A fresh mark of standard strength: 0 dB is nominal for both levels; at the peaks it may well show more.
        #expect(abs(source["strengthDecibels"].double ?? .nan) < 2)
        let level = source["levelDecibels"].double ?? .nan
        #expect(level > -2 && level < 6)
        #expect((source["leastLevelDecibels"].double ?? .nan) < level)
        #expect((source["leastLevelDecibels"].double ?? .nan) > level - 2)
        // Nothing was done to this recording: more than half of what is known lost more.
        let z = source["z"].double ?? .nan
        #expect(z > answer["pilot"]["expectedZ"].double ?? .nan && z < answer["pilot"]["mostExpectedZ"].double ?? .nan)
        #expect((answer["pilot"]["leastExpectedZ"].double ?? .nan) < z / 4)
    }

    /// "An entry of `heard`": the client played the first sample at `Board.start`, and all of the recording is its own.
    @Test func theStretchIsDescribed() throws {
        let source = answer["sources"][0]
        #expect(source["heard"].array.count == 1)
        let heard = source["heard"][0]
        let from = try #require(heard["from"].double)
        let to = try #require(heard["to"].double)
        // Stretches are known in steps of four seconds.
        #expect(from >= 0 && from < 4.1)
        #expect(to > Board.seconds - 4.1 && to <= Board.seconds)
        let meetingFrom = try #require(heard["meetingFrom"].double)
        #expect(abs(meetingFrom - from - Board.start) < 0.02)
        #expect(abs(try #require(heard["meetingTo"].double) - to - Board.start) < 0.1)
        #expect(heard["playedAt"].string == Board.time(board.startsAt + Int(meetingFrom.rounded(.down))))
        let uncertainty = try #require(heard["uncertaintySeconds"].double)
        #expect(uncertainty > 0 && uncertainty < 0.02)
        #expect(abs(try #require(source["heardSeconds"].double) - (to - from)) < 1e-6)
        // One stretch holds all the evidence.
        #expect(abs(try #require(heard["z"].double) / (source["z"].double ?? .nan) - 1) < 0.02)
    }

    /// `unmarkable`: the others of the roster, in its order; `made`: the analyses so far.
    @Test func theOthersAreDescribed() throws {
        #expect(answer["made"]["ofMeeting"].int == 1 && answer["made"]["inStore"].int == 1)
        let unmarkable = Board.rows.filter { ["web", "telephone", "sip"].contains($0.kind) }
        #expect(answer["unmarkable"].emails == unmarkable.map(\.email))
        for (entry, row) in zip(answer["unmarkable"].array, unmarkable) {
            #expect(entry["client"].string == board.clients[row.email] && entry["kind"].string == row.kind)
            #expect(entry["participant"].string == row.participant && entry["device"].string == row.device)
        }
    }

    /// `tested` (mono, normal: the sum and one warp) and `pilot`.
    @Test func whatWasTriedIsToldAndThatTheMeetingIsRight() throws {
        #expect(Price(channels: 2).differences(from: answer["tested"], times: 2 * 128).isEmpty)
        let pilot = answer["pilot"]
        #expect(pilot["isPresent"].bool == true)
        #expect((pilot["log10FalsePresence"].double ?? 0) <= -9)
        #expect((pilot["score"].double ?? 0) > 10)
        #expect(abs(pilot["levelDecibels"].double ?? .nan) < 3)
        #expect(answer["statements"].array.count == 2)
        #expect(answer["statements"][0].string?.contains("endpoint") == true)
        #expect(answer["statements"][1].string?.contains("voice") == true)
    }

    /// "Stored answers": `report` is the entry without `path`, `id`, `date` and `made`; `id` and `date` are those of
    /// the record.
    @Test func theAnswerIsStoredAsPrinted() throws {
        let id = try #require(answer["id"].string)
        #expect(id.wholeMatch(of: /a_[a-z2-7]{16}/) != nil)
        let date = try #require(ISO8601DateFormatter().date(from: answer["date"].string ?? ""))
        #expect(date.timeIntervalSince(one.before) > -1.001 && date <= one.after)
        let record = try one.stored.json["analysis"]
        var entry = try #require(answer.value as? [String: Any])
        for key in ["path", "id", "date", "made"] { entry[key] = nil }
        #expect(record["report"].value as? NSDictionary == entry as NSDictionary)
        #expect(record["id"].string == id && record["date"].string == answer["date"].string)
        #expect(record["meeting"].string == board.meeting && record["file"].string == "leak one.wav")
        #expect(record["sha256"].string == one.digest && record["bytes"].int == one.bytes)
        #expect(record["verdict"].string == "identified" && record["refusal"].isAbsent)
        #expect(record["name"].string == "Case 12" && record["note"].string == "Found on a forum")
        #expect(record["toolVersion"].string == one.version)
        #expect(try one.listed.json["analyses"].array.map { $0["id"].string } == [id])
    }
}
