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
        try folder.succeed("embed", place.host, "bela.wav", "--ticket", place.bela, "--at", "77")
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
