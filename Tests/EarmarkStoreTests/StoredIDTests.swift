import EarmarkFiles
import Foundation
import Testing

@testable import EarmarkStore

/// Identifiers as they are stored, published and typed in.
@Suite struct StoredIDTests {
    private struct Holder: Codable, Equatable {
        var client: ClientID
        var analysis: AnalysisID?
    }

    /// docs/json-schema.md: identifiers are strings, and absent where there is none.
    @Test func theirJSONIsTheBareText() throws {
        let holder = Holder(client: "c_aaaaaaaaaaaaaaaa", analysis: nil)
        let data = try JSONEncoder().encode(holder)
        #expect(String(decoding: data, as: UTF8.self) == #"{"client":"c_aaaaaaaaaaaaaaaa"}"#)
        #expect(try JSONDecoder().decode(Holder.self, from: data) == holder)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Holder.self, from: Data(#"{"client":1}"#.utf8)) }
    }

    /// A letter, an underscore, and base32 in lower case.
    @Test func theStoreMakesThemInTheirShape() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let store = keeper.store
        let meeting = try store.createMeeting(
            .init(title: "Board", startsAt: testStart),
            roster: [RosterEntry(participant: "Bela", email: "bela@example.org", device: "laptop", kind: .desktop)],
            in: keeper.organisationID)
        let ticket = try store.issueTickets(meeting: meeting.id)[0]
        let analysis = try store.saveAnalysis(
            AnalysisDraft(
                meetingReference: meeting.id.text, fileName: "a.wav", outcome: .refusal(code: "corrupt", message: "m"),
                toolVersion: "1"))
        let made: [(any StoredID, String, Int)] = [
            (keeper.organisationID, "o_", 16), (meeting.id, "m_", 16), (ticket.record.client.id, "c_", 16),
            (analysis.id, "a_", 16), (ticket.record.id, "t_", 26),
        ]
        let alphabet = Set("abcdefghijklmnopqrstuvwxyz234567")
        for (id, prefix, length) in made {
            #expect(id.text.hasPrefix(prefix) && id.text.count == 2 + length && "\(id)" == id.text)
            #expect(id.text.dropFirst(2).allSatisfy(alphabet.contains))
        }
    }
}
