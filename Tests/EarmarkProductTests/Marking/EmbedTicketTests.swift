import Foundation
import ProgramSupport
import Testing

/// docs/live.md, "Time", and `earmark embed --help`: which ticket marks, on the meeting's own timeline.
@Suite struct EmbedTicketTests {
    private let place: MarkingPlace
    private let folder: Workplace

    init() throws {
        place = try MarkingPlace.shared()
        folder = try place.workplace()
    }

    private func expectRefusal(_ arguments: [String], _ text: String, status: Int32 = 65) throws {
        let result = try folder.run(["embed", place.host, "out.wav"] + arguments)
        #expect(result.exitStatus == status, "\(arguments)")
        #expect(result.errors.hasPrefix("earmark: error: ") && result.errors.contains(text), "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.file("out.wav")), "\(arguments)")
    }

    /// Valid from a quarter of an hour before the meeting's start to a day after it, both ends included.
    @Test func validityIsJudgedAtTheTimeGiven() throws {
        try expectRefusal(["--ticket", place.ada, "--at=-901"], "valid from 2026-03-02T08:45:00Z")
        try expectRefusal(["--ticket", place.ada, "--at=-900.1"], "valid from 2026-03-02T08:45:00Z")
        try expectRefusal(["--ticket", place.ada, "--at=86401"], "to 2026-03-03T09:00:00Z")
        for at in ["-900", "0", "86400.9"] {
            try folder.succeed("embed", place.host, "at.wav", "--ticket", place.ada, "--at=\(at)")
        }
        // Two days either way are taken for a mistake in the units.
        try expectRefusal(["--ticket", place.ada, "--at=172801"], "two days", status: 64)
        try expectRefusal(["--ticket", place.ada, "--at=-172801"], "two days", status: 64)
        try expectRefusal(["--ticket", place.ada, "--at=172800"], "valid from")
    }

    @Test func revokedTicketsAreRefused() throws {
        let list = ["--revocations", place.list]
        try expectRefusal(["--ticket", place.bela] + list, place.revoked)
        try folder.succeed(["embed", place.host, "ada.wav", "--ticket", place.ada] + list)
        try folder.write("nobody!\n", to: "damaged.txt")
        try expectRefusal(["--ticket", place.ada, "--revocations", "damaged.txt"], "revocation list")
        try expectRefusal(["--ticket", place.ada, "--revocations", "none.txt"], "none.txt", status: 66)
    }

    /// What the store knows of a ticket counts for all that mark, and is said as `ticket status` says it.
    @Test func whatTheStoreRevokedMarksNothing() throws {
        let words = "the ticket \(place.revoked) is revoked: issue another one ('earmark ticket issue')"
        try expectRefusal(["--ticket", place.bela], words)
        try expectRefusal(["--ticket", place.bela, "--at", "5"], words)
        let raw = ["--rate", "16000", "--format", "f32le"]
        let sound = MarkingPlace.bytes(place.samples)
        let filtered = try folder.run(["filter", "--ticket", place.bela, "--at", "5"] + raw, input: sound)
        #expect(filtered.exitStatus == 65 && filtered.output.isEmpty && filtered.errors.contains(words))
        #expect(try folder.run("ticket", "status", place.bela, "--at", "5").errors.contains(words))
        // A store that cannot be asked is told of, and in nobody's way unless it was named.
        try folder.write("no store", to: "broken.db")
        let broken = ["EARMARK_STORE": folder.file("broken.db")]
        for words in [["embed", place.host, "b.wav"], ["filter", "--rate", "16000"]] {
            let arguments = words + ["--ticket", place.ada, "--at", "5"]
            let marked = try folder.run(arguments, input: sound, environment: broken)
            #expect(marked.exitStatus == 0 && marked.errors.contains("whether the ticket was revoked cannot be asked"))
            let named = try folder.run(arguments + ["--store", "broken.db"], input: sound)
            #expect(named.exitStatus == 78 && named.output.isEmpty, "\(named.errors)")
        }
    }

    /// Without `--at` the clock judges: `filter` refuses what `ticket status` refuses, and a file is marked with the
    /// same words as a warning.
    @Test func ticketsOfAnotherTimeAreTold() throws {
        let later = Int(Date().timeIntervalSince1970) + 7_200
        let made = try folder.json("meeting", "create", "--title", "Later", "--start", Board.time(later))
        try folder.succeed(
            "client", "add", "-m", "later", "--participant", "Ada", "--email", "ada@example.org", "--device", "x")
        try folder.succeed("ticket", "issue", "-m", "later", "--client", "ada", "-o", "later.ticket")
        #expect(!made["meeting"]["id"].isAbsent)
        for (ticket, words, advice) in [
            (place.ada, "is no longer valid at", "issue another one for a meeting that is on"),
            (folder.file("later.ticket"), "is not valid yet at", "issue the ticket anew"),
        ] {
            let embedded = try folder.run("embed", place.host, "out.wav", "--ticket", ticket, "--json")
            #expect(embedded.exitStatus == 0 && embedded.errors.hasPrefix("earmark: warning: the ticket t_"))
            let told = try JSON(data: embedded.output)["embedded"]["warnings"].array.compactMap(\.string)
            #expect(told.count == 1 && told[0].hasSuffix("marked as of the meeting's start"), "\(told)")
            let status = try folder.run("ticket", "status", ticket)
            let filtered = try folder.run(["filter", "--rate", "16000", "--ticket", ticket], input: Data(count: 4_000))
            #expect(status.exitStatus == 65 && filtered.exitStatus == 65 && filtered.output.isEmpty)
            for errors in [embedded.errors, status.errors, filtered.errors] {
                #expect(errors.contains(words) && errors.contains(advice) && errors.contains("say --at"), "\(errors)")
            }
            // Its own time is what somebody says that is meant.
            #expect(try folder.run("embed", place.host, "out.wav", "--ticket", ticket, "--at", "0").errors.isEmpty)
        }
        #expect(try folder.run("embed", place.host, "out.wav", "--ticket", place.now).errors.isEmpty)
    }

    /// Minutes before the start need no `=`.
    @Test func timesBeforeTheStartAreTaken() throws {
        for at in [["--at", "-5m"], ["--at=-5m"], ["--at", "-300"], ["--at", "-5:00"]] {
            try folder.succeed(["embed", place.host, "\(at.count)\(at[0]).wav", "--ticket", place.ada] + at)
        }
        let files = ["2--at.wav", "1--at=-5m.wav"].map { URL(fileURLWithPath: folder.file($0)) }
        #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
        let early = try folder.run("ticket", "status", place.ada, "--at", "-16m")
        #expect(early.exitStatus == 65 && early.errors.contains("meeting start - 960.0 s"), "\(early.errors)")
        try folder.succeed("ticket", "status", place.ada, "--at", "-15m")
        let sound = MarkingPlace.bytes(place.samples)
        let raw = ["filter", "--ticket", place.ada, "--rate", "16000", "--format", "f32le"]
        let marked = try folder.run(raw + ["--at", "-5m"], input: sound)
        #expect(try marked.exitStatus == 0 && marked.output == folder.run(raw + ["--at=-5m"], input: sound).output)
        #expect(marked.output != sound)
    }

    /// docs/file-formats.md, "Tickets": a byte of each field, damaged, at every route of the program.
    @Test func damagedTicketsAreRefused() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: place.ada))
        let sound = MarkingPlace.bytes(place.samples)
        let count = bytes.count
        let last = [count - 4, count - 1, count - 5, count - 37, count - 69]
        for index in [0, 9, 11, 12, 28, 35, 36, 43, 44, 51, 52, 60] + last {
            var damaged = bytes
            damaged[index] ^= 0x01
            try damaged.write(to: URL(fileURLWithPath: folder.file("damaged.ticket")))
            try expectRefusal(["--ticket", "damaged.ticket"], "ticket")
            let filtered = try folder.run(
                ["filter", "--ticket", "damaged.ticket", "--rate", "16000", "--at", "5", "--format", "f32le"],
                input: sound)
            #expect(filtered.exitStatus == 65 && filtered.output.isEmpty, "byte \(index)")
        }
        for part in [bytes.dropLast(), bytes + [0]] {
            try part.write(to: URL(fileURLWithPath: folder.file("damaged.ticket")))
            try expectRefusal(["--ticket", "damaged.ticket"], "ticket")
        }
        try expectRefusal(["--ticket", "none.ticket"], "none.ticket", status: 66)
    }

    /// The store makes the mark that the client's ticket makes.
    @Test func storeAndTicketMakeTheSameMark() throws {
        try folder.succeed("embed", place.host, "ticket.wav", "--ticket", place.ada, "--at", "77")
        let client = "ada@example.org"
        try folder.succeed(
            "embed", place.host, "store.wav", "--meeting", place.meeting, "--client", client, "--at", "77")
        let first = try Data(contentsOf: URL(fileURLWithPath: folder.file("ticket.wav")))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("store.wav"))) == first)
        let bela = ["embed", place.host, "bela.wav", "--ticket", place.bela, "--at", "77"]
        // Where there is no store, nobody knows that it was revoked.
        #expect(try folder.run(bela, environment: ["EARMARK_STORE": folder.file("none.db")]).exitStatus == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("bela.wav"))) != first)
    }

    @Test func eitherTicketOrClientIsNeeded() throws {
        let store = ["--meeting", place.meeting, "--client", "ada@example.org"]
        for arguments in [[], ["--meeting", place.meeting], ["--client", "ada@example.org"]] {
            try expectRefusal(arguments, "Give --ticket, or --meeting and --client.", status: 64)
        }
        try expectRefusal(["--ticket", place.ada] + store, "Give --ticket, or --meeting and --client.", status: 64)
        try expectRefusal(["--ticket", place.ada, "--client", "x"], "Give --ticket", status: 64)
        try expectRefusal(["--meeting", "m_none", "--client", "ada@example.org"], "m_none", status: 66)
        try expectRefusal(["--meeting", place.meeting, "--client", "none@example.org"], "none@example.org", status: 66)
        // docs/file-formats.md, "Rosters": a browser carries no mark.
        try expectRefusal(["--meeting", place.meeting, "--client", "dario@example.org"], "mark", status: 13)
        try expectRefusal(store + ["--strength", "loud"], "strength", status: 64)
    }
}
