import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, "An entry of `sources`": who is named, by roster and not by place among the markable.
@Suite struct WhoTests {
    @Test func theClientThatRecordedIsNamed() throws {
        let board = try Board.shared()
        let answer = try board.workplace().answer(board.bela, "--meeting", board.meeting)
        #expect(answer["verdict"].string == "identified")
        #expect(answer["sources"].array.count == 1)
        let source = answer["sources"][0]
        #expect(source["client"].string == board.clients["bela@example.org"])
        #expect(source["participant"].string == "Bela Berger")
        #expect(source["email"].string == "bela@example.org")
        #expect(source["device"].string == "13 inch")
        #expect(source["kind"].string == "desktop")
    }
}
