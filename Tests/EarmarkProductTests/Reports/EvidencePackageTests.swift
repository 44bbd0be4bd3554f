import Foundation
import ProgramSupport
import Testing

/// docs/evidence.md: an accusation is computed again without store and keys, and nothing in its package can be bent.
@Suite struct EvidencePackageTests {
    /// A package about Bela, made once in a run.
    private struct Case: Sendable {
        let place: Workplace
        let meeting: String
        let root: String
        let authority: TimeStampingAuthority
        /// Seeds of all who can mark, by e-mail, as their tickets hold them.
        let tickets: [String: Data]

        static let made = Result { try Case() }

        private init() throws {
            let board = try Board.shared()
            place = try board.workplace()
            meeting = board.meeting
            authority = try TimeStampingAuthority()
            try place.succeed("audit", "anchor", "--stamp", authority.program, "--keep", "stamps.txt")
            root = try place.json("commitment", "create", "--meeting", meeting)["commitment"]["root"].string ?? ""
            let id = try place.answer(board.bela, "--meeting", meeting)["id"].string ?? ""
            try place.succeed("evidence", "export", id, "-o", "case.earmark")
            var tickets: [String: Data] = [:]
            for name in ["ada", "bela", "cara", "room"] {
                try place.succeed(
                    "ticket", "issue", "--meeting", meeting, "--client", "\(name)@example.org", "-o", "\(name).ticket")
                tickets[name] = try Data(contentsOf: URL(fileURLWithPath: place.file("\(name).ticket")))
            }
            self.tickets = tickets
        }
    }

    private let board: Board
    private let made: Case
    private var place: Workplace { made.place }

    init() throws {
        board = try Board.shared()
        made = try Case.made.get()
    }

    /// Checks a package in a folder without a store; what is not as it says.
    private func broken(
        _ package: Data, _ recording: String, _ options: String..., status: Int32? = nil
    ) throws -> [String] {
        let empty = try Workplace()
        try package.write(to: URL(fileURLWithPath: empty.file("case.earmark")))
        let result = try empty.run(["evidence", "verify", "case.earmark", recording, "--json"] + options)
        let items = try JSON(data: result.output)["evidence"]["items"].array
        let found = items.filter { $0["state"].string == "broken" }.map { $0["name"].string ?? "" }
        #expect(result.exitStatus == status ?? (found.isEmpty ? 0 : 65), "\(result.errors)")
        return found
    }

    private func package() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: place.file("case.earmark"))) }

    /// The package with one member changed; `path` leads to it.
    private func edited(_ path: [String], _ change: (Any?) -> Any) throws -> Data {
        func set(_ value: Any?, _ path: ArraySlice<String>) -> Any {
            guard let name = path.first else { return change(value) }
            if let index = Int(name), var array = value as? [Any] {
                array[index] = set(array[index], path.dropFirst())
                return array
            }
            var object = value as? [String: Any] ?? [:]
            object[name] = set(object[name], path.dropFirst())
            return object
        }
        let root = try JSONSerialization.jsonObject(with: try package())
        return try JSONSerialization.data(withJSONObject: set(root, path[...]))
    }

    private func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? .nan }

    @Test func aPackageHolds() throws {
        #expect(try broken(try package(), board.bela, "--root", made.root.uppercased()).isEmpty)
        let empty = try Workplace()
        try package().write(to: URL(fileURLWithPath: empty.file("case.earmark")))
        let text = try empty.succeed("evidence", "verify", "case.earmark", board.bela)
        #expect(text.hasSuffix("open, as stated: answer, commitment, stamp, tried\n"), "\(text)")
        #expect(text.contains("Bela Berger, bela@example.org") && text.contains(board.meeting))
        #expect(text.contains("number 2 of 4 that were committed to"))
        #expect(text.contains("compare with what was published: \(made.root)"))
        #expect(text.contains("gives away this client's mark of this meeting"))
        // Nothing was made on the way.
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty.folder.url.path) == ["case.earmark"])
    }

    @Test func scoreAndBoundAreTheAnswers() throws {
        let stored = try place.json("analysis", "list")["analyses"][0]["id"].string ?? ""
        let answer = try place.json("analysis", "show", stored)["analysis"]["report"]
        let package = try JSON(data: try package())
        let source = answer["sources"][0]
        #expect(package["alignment"]["log10Bound"].double == source["log10FalseAccusation"].double)
        #expect(package["alignment"]["z"].double == source["z"].double)
        #expect(package["tested"]["candidates"].int == 4 && package["held"]["others"].int == 0)
        #expect(package["client"]["participant"].string == "Bela Berger")
        #expect(package["recording"]["sha256"].string == answer["file"]["sha256"].string)
    }

    /// Seeds lie at the end of a ticket: pilot, timeline, identity, tag, checksum.
    @Test func noOtherSeedIsInThePackage() throws {
        let text = String(decoding: try package(), as: UTF8.self).lowercased()
        func seed(_ name: String, _ index: Int) -> String {
            let ticket = made.tickets[name] ?? Data()
            let start = ticket.count - 4 - 32 * (4 - index)
            return ticket[start..<start + 32].map { String(format: "%02x", $0) }.joined()
        }
        #expect(text.contains(seed("bela", 0)) && text.contains(seed("bela", 1)) && text.contains(seed("bela", 2)))
        #expect(!text.contains(seed("bela", 3)), "a microphone's tag is given away")
        for other in ["ada", "cara", "room"] {
            #expect(!text.contains(seed(other, 2)) && !text.contains(seed(other, 3)))
        }
        for name in ["Ada Abbott", "cara@example.org", "Dario", "Board room"] {
            #expect(!text.contains(name.lowercased()), "\(name) is told")
        }
    }

    @Test func anotherRecordingIsRefused() throws {
        #expect(try broken(try package(), board.cara) == ["recording"])
        #expect(try broken(try package(), board.host) == ["recording"])
    }

    @Test(arguments: ["id", "participant", "email", "device", "kind"]) func anEditedNameIsRefused(member: String) throws
    {
        #expect(
            try broken(try edited(["client", member]) { _ in "Cara Costa" }, board.cara) == ["recording", "client"])
    }

    @Test func anEditedSeedIsRefused() throws {
        let other = String(repeating: "ab", count: 32)
        let found = try broken(try edited(["client", "seed"]) { _ in other }, board.bela)
        #expect(found == ["seed", "client", "score", "bound"])
    }

    @Test func anEditedBoundIsRefused() throws {
        let stronger = try edited(["alignment", "log10Bound"]) { self.number($0) * 1.1 }
        #expect(try broken(stronger, board.bela) == ["bound"])
        let fewer = try edited(["tested", "candidates"]) { _ in 1 }
        #expect(try broken(fewer, board.bela).contains("tried"))
        let cheaper = try edited(["tested", "hypotheses"]) { _ in 21 }
        #expect(try broken(cheaper, board.bela) == ["tried"])
        #expect(try broken(try package(), board.bela, "--threshold", "1e-78") == ["bound"])
        let raised = try edited(["alignment", "z"]) { self.number($0) * 1.1 }
        #expect(try broken(raised, board.bela) == ["score"])
    }

    /// Pieces are cut every two minutes, so that they are straight; what is heard runs on over the cuts.
    @Test func stretchesRunOverPieces() throws {
        let own = try board.workplace()
        try own.ffmpeg(["-stream_loop", "1", "-i", board.host, "-c:a", "copy"], to: "twice.wav")
        try own.succeed(
            "embed", "twice.wav", "long.wav", "--meeting", board.meeting, "--client", "bela@example.org", "--at", "600")
        let id = try own.answer(own.file("long.wav"), "--meeting", board.meeting)["id"].string ?? ""
        try own.succeed("evidence", "export", id, "-o", "long.earmark")
        let package = try Data(contentsOf: URL(fileURLWithPath: own.file("long.earmark")))
        let pieces = try JSON(data: package)["alignment"]["pieces"].array
        #expect(pieces.count > 1)
        #expect(try broken(package, own.file("long.wav"), "--uncommitted") == [])
    }

    /// When it was played is what is argued about: it follows from the alignment, which is found again.
    @Test func editedTimesAndSizesAreRefused() throws {
        func heard(_ changes: [String: Any]) throws -> Data {
            try edited(["held", "heard", "0"]) { span in
                ((span as? [String: Any]) ?? [:]).merging(changes) { $1 }
            }
        }
        let day = Board.time(board.startsAt - 86_400)
        #expect(try broken(try heard(["playedAt": day]), board.bela) == ["heard"])
        // Bela's client played it from second 1,234.5 of the meeting: an hour later, a quarter of an hour earlier, each
        // with the time of day that follows from it.
        for from in [4_834, 334] {
            let hour: [String: Any] = [
                "meetingFrom": Double(from) + 0.5, "meetingTo": Double(from) + 110.5,
                "playedAt": Board.time(board.startsAt + from),
            ]
            #expect(try broken(try heard(hour), board.bela) == ["heard"], "\(from)")
        }
        #expect(try broken(try edited(["recording", "bytes"]) { _ in 1 }, board.bela) == ["size"])
        #expect(try broken(try edited(["alignment", "places"]) { _ in 9_999 }, board.bela) == ["alignment"])
        #expect(try broken(try edited(["tested", "requiredZ"]) { _ in 1 }, board.bela) == ["needed"])
        let empty = try Workplace()
        try package().write(to: URL(fileURLWithPath: empty.file("case.earmark")))
        let text = try empty.succeed("evidence", "verify", "case.earmark", board.bela)
        // The first sample was played at second 1,234 of the meeting, the last at 1,344.
        let first = Board.time(board.startsAt + 1_234).prefix(16)
        #expect(
            text.contains(/holds +heard +by the mark's clock from/) && text.contains("clock from \(first)"), "\(text)")
    }

    @Test func anEditedAlignmentIsRefused() throws {
        let moved = try edited(["alignment", "pieces", "0", "offset"]) { self.number($0) + 2 }
        #expect(try broken(moved, board.bela).contains("alignment"))
        let later = try edited(["alignment", "place"]) { _ in 3 }
        #expect(try broken(later, board.bela).contains("alignment"))
        let weighed = try edited(["alignment", "weights", "20"]) { self.number($0) * 3 }
        #expect(try broken(weighed, board.bela).contains("alignment"))
        let period = try edited(["alignment", "pieces", "0", "period"]) { self.number($0) + 1 }
        #expect(try broken(period, board.bela).contains("alignment"))
        let track = try edited(["alignment", "track"]) { _ in 1 }
        #expect(try broken(track, board.bela) == ["alignment"])
    }

    /// A line that runs away from the right one by two frames at the beginning, or at the end, of a piece.
    @Test(arguments: [-1.0, 1]) func anAlignmentThatIsRightAtOneEndIsRefused(end: Double) throws {
        let turned = try edited(["alignment", "pieces", "0"]) { piece in
            var piece = piece as? [String: Any] ?? [:]
            let frames = self.number(piece["to"]) - self.number(piece["from"])
            piece["offset"] = self.number(piece["offset"]) + 1
            piece["slope"] = self.number(piece["slope"]) + end * 2 / frames
            return piece
        }
        #expect(try broken(turned, board.bela).contains("alignment"))
    }

    /// Weights within the tolerance could be fitted to a client's signs: the score does not follow them.
    @Test func theScoreIsThatOfTheAlignmentFoundAgain() throws {
        let empty = try Workplace()
        func z(_ package: Data) throws -> Double? {
            try package.write(to: URL(fileURLWithPath: empty.file("case.earmark")))
            return try empty.json("evidence", "verify", "case.earmark", board.bela)["evidence"]["z"].double
        }
        let nudged = try edited(["alignment", "weights", "20"]) { self.number($0) * 1.02 }
        let expected = try z(try package())
        #expect(try z(nudged) == expected && expected != nil)
    }

    @Test(arguments: ["id", "title", "start"]) func anotherMeetingIsRefused(member: String) throws {
        let other = try edited(["meeting", member]) { _ in "2026-03-02T09:00:01Z" }
        #expect(try broken(other, board.cara) == ["recording", "client"])
    }

    @Test func anotherCommitmentIsRefused() throws {
        let other = String(repeating: "0", count: 64)
        #expect(try broken(try package(), board.bela, "--root", other) == ["commitment"])
        #expect(
            try broken(try edited(["commitment", "root"]) { _ in other }, board.cara) == [
                "recording", "client", "stamp",
            ])
        #expect(try broken(try edited(["commitment", "index"]) { _ in 0 }, board.cara) == ["recording", "client"])
        #expect(try broken(try edited(["commitment", "clients"]) { _ in 5 }, board.cara) == ["recording", "client"])
    }

    /// The board has met: a root that was published is of after it, excludes no exchange, and stays open.
    @Test func aRootOfAfterTheMeetingStaysOpen() throws {
        let empty = try Workplace()
        try package().write(to: URL(fileURLWithPath: empty.file("case.earmark")))
        func item(_ name: String, _ options: String...) throws -> JSON {
            // Of another recording nothing is computed, which takes long.
            let result = try empty.run(["evidence", "verify", "case.earmark", board.cara, "--json"] + options)
            return try JSON(data: result.output)["evidence"]["items"].array.first { $0["name"].string == name }
                ?? JSON(nil)
        }
        let late = try item("commitment", "--root", made.root)
        #expect(late["state"].string == "open")
        #expect(late["text"].string?.hasPrefix("the root is the one that was published; made 20") == true)
        #expect(late["text"].string?.contains("AFTER the meeting's start") == true)
        try edited(["meeting", "start"]) { _ in "2090-01-01T00:00:00Z" }
            .write(to: URL(fileURLWithPath: empty.file("case.earmark")))
        #expect(try item("commitment", "--root", made.root)["state"].string == "holds")
        #expect(try item("seed")["text"].string == "matches the SHA-256 in the package")
        for half in [made.root.prefix(4), made.root.dropLast()] {
            let result = try empty.run("evidence", "verify", "case.earmark", board.cara, "--root", String(half))
            #expect(result.exitStatus == 64 && result.errors.contains("these are \(half.count)"), "\(result.errors)")
        }
    }

    /// The board has met, so the stamp is late, and that is said.
    @Test func theStampIsThatOfTheCommitment() throws {
        let empty = try Workplace()
        try package().write(to: URL(fileURLWithPath: empty.file("case.earmark")))
        func stamp(_ options: String...) throws -> JSON {
            let result = try empty.run(["evidence", "verify", "case.earmark", board.cara, "--json"] + options)
            return try JSON(data: result.output)["evidence"]["items"].array.first { $0["name"].string == "stamp" }
                ?? JSON(nil)
        }
        let unchecked = try stamp()
        #expect(unchecked["state"].string == "open")
        #expect(unchecked["text"].string?.contains("signature is not checked") ?? false)
        let checked = try stamp("--ca", made.authority.certificate)
        #expect(checked["state"].string == "open" && checked["text"].string?.contains("AFTER") ?? false)
        #expect(!(checked["text"].string?.contains("signature") ?? true))
        let other = try TimeStampingAuthority()
        #expect(try stamp("--ca", other.certificate)["state"].string == "broken")
        try edited(["commitment", "stamp"]) { _ in "AAAA" }
            .write(to: URL(fileURLWithPath: empty.file("case.earmark")))
        #expect(try stamp()["state"].string == "broken")
    }

    @Test func whatIsNoPackageIsSaidToBeNone() throws {
        let empty = try Workplace()
        for (text, word) in [
            ("{}", "no package"), ("", "no package"), (#"{"format":"earmark-evidence","version":9}"#, "version 9"),
            (#"{"format":"earmark-evidence","version":1}"#, "lacks a member"),
        ] {
            try empty.write(text, to: "bad.earmark")
            let result = try empty.run("evidence", "verify", "bad.earmark", board.bela)
            #expect(result.exitStatus == 65 && result.errors.contains(word), "\(result.errors)")
        }
        for path in [["pieces", "0", "offset"], ["pieces", "0", "from"], ["pieces", "0", "period"], ["rate"]] {
            let hostile = try edited(["alignment"] + path) { _ in 1e15 }
            try hostile.write(to: URL(fileURLWithPath: empty.file("hostile.earmark")))
            let result = try empty.run("evidence", "verify", "hostile.earmark", board.bela)
            #expect(result.exitStatus == 65, "\(path): \(result.exitStatus)")
        }
    }

    /// A file that is signed like a report, that nobody else reads, and that is in the log.
    @Test func theFileIsSignedPrivateAndLogged() throws {
        try place.succeed("report", "verify", "case.earmark")
        let attributes = try FileManager.default.attributesOfItem(atPath: place.file("case.earmark"))
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let entries = try place.json("audit", "list")["entries"].array
        #expect(entries.contains { !$0["details"]["evidenceAgainst"].isAbsent && $0["action"].string == "export" })
        let again = try place.run("evidence", "export", "a_nope", "-o", "case.earmark")
        #expect(again.exitStatus == 73)
        #expect(try place.run("evidence", "export", "a_nope", "-o", "other.earmark").exitStatus == 66)
    }

    /// Everybody of all meetings that were searched is paid for, so a package says how many these were.
    @Test func thePackageOfASearchSaysWhatWasSearched() throws {
        let workplace = try board.workplace()
        try workplace.write("participant,email,device\nGita Gupta,gita@example.org,laptop\n", to: "roster.csv")
        try workplace.succeed(
            "meeting", "create", "--title", "Other", "--start", Board.time(board.startsAt), "--roster", "roster.csv")
        try workplace.succeed("commitment", "create", "--meeting", board.meeting)
        let id = try workplace.answer(board.bela, "--any-meeting")["id"].string ?? ""
        try workplace.succeed("evidence", "export", id, "-o", "search.earmark")
        let package = try Data(contentsOf: URL(fileURLWithPath: workplace.file("search.earmark")))
        let said = try JSON(data: package)
        #expect(said["meetings"].int == 2 && said["tested"]["candidates"].int == 5)
        #expect(try broken(package, board.bela).isEmpty)
    }

    @Test func nobodyIdentifiedIsNoAccusation() throws {
        let workplace = try board.workplace()
        let id = try workplace.answer(board.host, "--meeting", board.meeting, "--effort", "fast")["id"].string ?? ""
        let result = try workplace.run("evidence", "export", id, "-o", "none.earmark")
        #expect(result.exitStatus == 65 && result.errors.contains("nobody is identified"))
        #expect(!FileManager.default.fileExists(atPath: workplace.file("none.earmark")))
    }
}
