import Testing

@testable import EarmarkStore

/// Meetings to import, one JSON object a line.
@Suite struct MeetingLinesTests {
    private static let start = "\"start\": \"2026-03-02T09:00:00Z\""

    private func parse(_ text: String) throws(StoreError) -> [(meeting: MeetingDraft, roster: [RosterEntry])] {
        try MeetingLines.parse(Array(text.utf8), source: "list")
    }

    @Test func allMembersAreRead() throws {
        let drafts = try parse(
            """
            {"title": "Board", \(Self.start), "duration": "1h30m", "watermark": "off", "clients": [
            """ + #"{"participant": "Ada", "email": "ada@example.org", "device": "laptop", "kind": "room"}]}"#
                + "\n \n{\"title\": \"Review\", \(Self.start)}\n")
        #expect(drafts.map(\.meeting.title) == ["Board", "Review"])
        #expect(drafts.map(\.meeting.durationSeconds) == [5_400, MeetingDraft.defaultDuration])
        #expect(drafts.map(\.meeting.isWatermarkOn) == [false, true])
        #expect(drafts.map { $0.roster.map(\.kind) } == [[.room], []])
    }

    @Test(arguments: [
        ("\n", "'list' holds no meeting"), ("{}", "line 1: is not an object"),
        ("{\"title\": \"A\", \(start), \"colour\": 1}", "line 1: has an unknown member 'colour'"),
        ("\n{\"title\": \"A\", \"start\": \"soon\"}", "line 2: 'start' is not a time"),
        ("{\"title\": \"A\", \(start), \"duration\": \"long\"}", "line 1: 'duration' is none"),
        ("{\"title\": \"A\", \(start), \"watermark\": \"yes\"}", "line 1: 'watermark' is neither on nor off"),
    ])
    func problemsNameTheirLine(text: String, problem: String) {
        let error = #expect(throws: StoreError.self) { try parse(text) }
        #expect(error?.code == .valueInvalid)
        #expect(error?.message.contains(problem) == true)
    }
}
