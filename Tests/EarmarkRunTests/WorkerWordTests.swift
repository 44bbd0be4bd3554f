import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation
import Testing

@testable import EarmarkRun

/// What a worker says is its word: it makes no answer of the store stronger, and is told apart from those for ever.
@Suite struct WorkerWordTests {
    /// docs/many.md: that a worker heard a tag is no reason for the store to say so of other recordings.
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

    /// Whoever holds a bundle's key writes no words of his own into the store's lists, and hides nothing behind a code
    /// that no worker gives.
    @Test func aRefusalIsInTheStoresWords() throws {
        let forgery = try Forgery()
        #expect(throws: RunError(.foreign, "")) {
            try forgery.importing([try forgery.signed(forgery.refusal("made-up"))])
        }
        #expect(try forgery.service.store.analyses().isEmpty)
        let words = "the store has checked: nothing is in it"
        try forgery.importing([try forgery.signed(forgery.refusal("corrupt", words))])
        let stored = try #require(try forgery.service.store.analyses().first)
        guard case .refusal(let code, let message) = stored.content.outcome else {
            Issue.record("it is no refusal")
            return
        }
        #expect(code == "corrupt" && !message.contains(words) && message.contains("says a worker"))
        #expect(stored.content.bundle == forgery.open.header.bundle)
    }

    /// A refusal of what was read is about the content that the plan has, and says which.
    @Test(arguments: [
        ("corrupt", Digest.planned, true), ("corrupt", .other, false), ("corrupt", .none, false),
        ("input-changed", .planned, false), ("input-changed", .other, true), ("input-changed", .none, false),
        ("notFound", .none, true), ("notFound", .other, false), ("server-refused", .none, true),
    ]) func aRefusalIsAboutWhatWasPlanned(code: String, digest: Digest, isTaken: Bool) throws {
        let forgery = try Forgery(digests: true)
        let planned = try #require(forgery.plan.items[0].sha256)
        let given = String(repeating: "0", count: 64)
        let member = "\"sha256\":\"\(given)\","
        let line = forgery.refusal(code).replacing(
            member,
            with: digest == .none ? "" : digest == .other ? member : member.replacing(given, with: planned))
        var found: RunError?
        do throws(any Error) {
            try forgery.importing([try forgery.signed(line)])
        } catch {
            found = error as? RunError
        }
        #expect(found == (isTaken ? nil : RunError(.foreign, "")))
    }

    /// What the digest in a line is.
    enum Digest { case planned, other, none }
}
