import Foundation
import ProgramSupport
import Testing

/// docs/report.md, "What it says": what was done after a meeting began is told so by the order of the log, whatever a
/// clock that was set back says.
@Suite struct ClockBehindTests {
    private static let section = "What was done with the records of this meeting"

    /// With the clock set back by ten days after the meeting, an endpoint is added, committed to, and audio marked.
    @Test func whatCameAfterIsToldSo() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let back = try WrongClock.environment(days: -10)
        func early(_ arguments: String...) throws {
            let result = try place.run(arguments, environment: back)
            #expect(result.exitStatus == 0, "\(arguments): \(result.errors)")
        }
        let now = Int(Date().timeIntervalSince1970)
        try early(
            "client", "add", "--meeting", board.meeting, "--participant", "Yves", "--email", "yves@example.org",
            "--device", "phone")
        try early("commitment", "create", "--meeting", board.meeting)
        try early("embed", board.host, "y.wav", "--meeting", board.meeting, "--client", "yves@example.org")
        let kept = try place.answer(board.host, ["--meeting", board.meeting, "--effort", "fast"])
        let id = kept["id"].string ?? ""
        let rows = try ReportPage(of: id, in: place).rows(in: Self.section)
        for what in ["endpoints added to the roster", "commitment to the seeds made"] {
            let told = rows.filter { $0[0] == what }.map { $0[4] }
            // Ten days, or a second less.
            let wanted = [9, 10].map { "after it began (by a clock that was set back by \($0) days)" }
            #expect(told.count == 1 && wanted.contains(told[0]), "\(rows)")
        }
        let marked = rows.filter { $0[0] == "audio marked with this program" }
        #expect(marked.map { $0[1] } == ["3"] && marked[0][4].hasPrefix("after it began (by a clock"), "\(marked)")
        #expect(rows.first { $0[0] == "enrolled, with its roster" }?[4] == "after it began")
        try place.succeed("report", id, "-o", "r.json")
        let changes = try JSON(text: place.text(of: "r.json"))["report"]["history"]["changes"].array
        let added = changes.first { $0["action"].string == "clients-add" }
        #expect(added?["clockBehindSeconds"].int.map { (9 * 86_400...10 * 86_400).contains($0) } == true)
        // The commitment itself is none of before the meeting.
        let made = try place.json("commitment", "show", "--meeting", board.meeting)["commitment"]["made"].string ?? ""
        #expect(made >= Board.time(board.startsAt) && made <= Board.time(now + 60), "\(made)")
        let check = try place.json("audit", "verify")
        #expect(check["problems"].array.isEmpty)
        let remarks = check["remarks"].array.compactMap(\.string)
        #expect(remarks.contains { $0.hasPrefix("3 entries were written under a clock that was behind") }, "\(remarks)")
    }
}
