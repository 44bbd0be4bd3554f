import Foundation
import ProgramSupport
import Testing

/// docs/retention.md, "Legal hold": what is held stays as it is, its note and its roster, too.
@Suite struct HeldRecordTests {
    @Test func whatIsHeldStaysAsItIs() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let look = ["--meeting", board.meeting, "--effort", "fast", "--note", "As found"]
        let id = try place.answer(board.host, look)["id"].string ?? ""
        let added = [
            "client", "add", "--meeting", board.meeting, "--participant", "Yves", "--email", "yves@example.org",
            "--device", "phone",
        ]
        func clients() throws -> Int {
            try place.json("client", "list", "--meeting", board.meeting)["clients"].array.count
        }
        func note() throws -> String? { try place.json("analysis", "show", id)["analysis"]["note"].string }
        let count = try clients()
        for held in [board.meeting, id] {
            try place.succeed("retention", "hold", held, "--reason", "Case 12")
            let words = try place.run("analysis", "note", id, "Something else")
            #expect(words.exitStatus == 73 && words.errors.contains("is on legal hold"), "\(words.errors)")
            #expect(try note() == "As found")
            if held == board.meeting {
                let client = try place.run(added)
                #expect(client.exitStatus == 73 && client.errors.contains("it stays as it is"), "\(client.errors)")
                #expect(try clients() == count)
            }
            try place.succeed("retention", "release", held, "--yes")
        }
        try place.succeed(added)
        try place.succeed("analysis", "note", id, "Something else")
        #expect(try clients() == count + 1 && note() == "Something else")
    }
}
