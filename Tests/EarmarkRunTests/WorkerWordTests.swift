import EarmarkBatch
import EarmarkService
import EarmarkStore
import Foundation
import Testing

@testable import EarmarkRun

/// What a worker says is its word: it makes no answer of the store stronger, and is told apart from those for ever.
@Suite struct WorkerWordTests {
    /// docs/many.md: that a worker heard a tag is no reason for the store to say of other recordings that one was heard.
    @Test func aTagThatAWorkerHeardCountsForNothingElse() throws {
        let forgery = try Forgery()
        let heard = "\"microphone\":{\"state\":\"heard\",\"client\":\"\(forgery.clients[1])\",\"z\":50},\"pitch\":1"
        let place = "\"rate\":1,\"heardSeconds\""
        let line = forgery.honest().replacing("\"pitch\":1,\(place)", with: "\(heard),\(place)")
        try forgery.importing([try forgery.signed(line)])
        #expect(try forgery.service.store.analyses().count == 1)
        #expect(try forgery.service.store.clients(ofMeeting: forgery.meeting.id).allSatisfy { $0.tagHeardAt == nil })
        let made = try forgery.bundle()
        #expect(try made.subject(forgery.meeting.id).candidates.allSatisfy { !$0.isTagHeard })
    }
}
