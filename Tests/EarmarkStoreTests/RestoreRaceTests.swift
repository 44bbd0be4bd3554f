import EarmarkFiles
import Foundation
import GRDB
import Synchronization
import Testing

@testable import EarmarkStore

/// docs/retention.md: what another process does meanwhile is either there afterwards or refused.
///
/// A store's clock is looked at on the way, at the same places each time: there the other one acts.
@Suite struct RestoreRaceTests {
    /// A clock that does something when it is looked at for the n-th time from now on.
    private final class ActingClock: Sendable {
        private let state = Mutex<(left: Int, act: (@Sendable () -> Void)?)>((0, nil))
        private let time = Mutex(testStart)

        func act(at count: Int, _ body: @escaping @Sendable () -> Void) { state.withLock { $0 = (count, body) } }

        func set(_ now: Timestamp) { time.withLock { $0 = now } }

        var clock: Store.Clock {
            {
                let due = self.state.withLock { state -> (@Sendable () -> Void)? in
                    state.left -= 1
                    return state.left == 0 ? state.act : nil
                }
                due?()
                return self.time.withLock { $0 }
            }
        }
    }

    /// Whether something came about.
    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set(_ isSet: Bool) { value.withLock { $0 = isSet } }
    }

    /// What a thread of its own did.
    private final class Other: Sendable {
        private let result = Mutex<Result<Void, any Error>?>(nil)
        private let ended = DispatchSemaphore(value: 0)

        /// Begins, and gives it the time that it needs where nothing holds it up.
        func begin(_ body: @escaping @Sendable () throws -> Void) {
            Thread.detachNewThread {
                let outcome = Result { try body() }
                self.result.withLock { $0 = outcome }
                self.ended.signal()
            }
            usleep(300_000)
        }

        var succeeded: Bool {
            ended.wait()
            return result.withLock { $0.map { (try? $0.get()) != nil } ?? false }
        }
    }

    private func keeper(_ clock: ActingClock) throws -> TemporaryStoreKeeper {
        try TemporaryStoreKeeper.make(clock: clock.clock)
    }

    /// The restore looks at its clock at most so often.
    @Test(arguments: 1...3) func aHoldDuringARestoreIsThereOrRefused(count: Int) throws {
        let clock = ActingClock()
        let keeper = try keeper(clock)
        let meeting = try keeper.meeting([entry(1)])
        let backup = keeper.temporary.path("b.db")
        try keeper.store.backup(to: backup)
        let (other, location) = (Other(), keeper.temporary.location)
        let second = try Store.open(at: location, clock: { testStart })
        clock.act(at: count) { other.begin { _ = try second.hold(meeting.id.text, reason: "Case 12") } }
        _ = try keeper.store.restore(from: backup)
        clock.act(at: 1) {}
        if count == 1 {
            #expect(other.succeeded, "it waits until the restore is through")
            #expect(try keeper.store.holds().map(\.reason) == ["Case 12"])
            #expect(try keeper.store.auditEntries().contains { $0.action == "hold" })
        }
        #expect(try keeper.store.check().problems == [] && keeper.store.auditFindings().problems == [])
        #expect(throws: Never.self) { try keeper.store.analysisSubject(meeting.id) }
    }

    @Test(arguments: 1...8) func aRotationDuringARestoreLosesNoKey(count: Int) throws {
        let clock = ActingClock()
        let keeper = try keeper(clock)
        let meeting = try keeper.meeting([entry(1)])
        let backup = keeper.temporary.path("b.db")
        try keeper.store.backup(to: backup)
        let late = try keeper.meeting([entry(2)])
        let (other, organisation) = (Other(), keeper.organisationID)
        let second = try Store.open(at: keeper.temporary.location, clock: { testStart })
        let begun = Flag()
        func keys() throws -> KeyFile { try second.keyFile.read(storeID: second.storeID) }
        let before = try keys()
        clock.act(at: count) {
            begun.set(true)
            other.begin { _ = try second.rotateKey(of: organisation) }
        }
        _ = try keeper.store.restore(from: backup)
        clock.act(at: 0) {}
        if begun.isSet { #expect(other.succeeded, "it waits until the restore is through") }
        // Each has what it wrote: the rotation its new key, the restore what the backup lacks, whose key goes when due.
        let after = try keys()
        #expect((after.organisationKeys == before.organisationKeys) == !begun.isSet && after.nextKeys.isEmpty)
        #expect(Array(after.lost.keys) == [late.id] && after.wrappingKeys[late.id] != nil)
        #expect(throws: Never.self) { try keeper.store.analysisSubject(meeting.id) }
        #expect(try keeper.store.check().problems == [])
    }

    /// Wherever in a deletion the hold comes; past the last look at the clock it does not.
    @Test(arguments: 1...12) func aHoldAgainstADeletion(count: Int) throws {
        let clock = ActingClock()
        let keeper = try keeper(clock)
        let meeting = try keeper.meeting([entry(1)])
        let second = try Store.open(at: keeper.temporary.location, clock: { testStart })
        let held = Flag()
        clock.act(at: count) { held.set((try? second.hold(meeting.id.text, reason: "Case 12")) != nil) }
        let isDeleted = (try? keeper.store.deleteMeeting(meeting.id)) != nil
        let isHeld = held.isSet
        #expect(isHeld != isDeleted)
        #expect(try second.holds().map(\.subject) == (isHeld ? [meeting.id.text] : []))
        #expect(((try? second.meeting(meeting.id)) != nil) == isHeld)
        #expect(try second.check().problems == [])
    }

    /// The same from the other side: the deletion comes while a hold is on its way.
    @Test(arguments: 1...8, [true, false]) func aDeletionDuringAHoldLeavesNoHold(count: Int, isAnalysis: Bool) throws {
        let clock = ActingClock()
        let keeper = try keeper(clock)
        let meeting = try keeper.meeting([entry(1)])
        let analysis = try keeper.store.saveAnalysis(
            AnalysisDraft(
                meetingReference: meeting.id.text, fileName: "a.mp4", outcome: .refusal(code: "c", message: "m"),
                toolVersion: "1"))
        let subject = isAnalysis ? analysis.id.text : meeting.id.text
        let second = try Store.open(at: keeper.temporary.location, clock: { testStart })
        let deleted = Flag()
        clock.act(at: count) {
            let isGone =
                isAnalysis
                ? (try? second.deleteAnalysis(analysis.id)) != nil : (try? second.deleteMeeting(meeting.id)) != nil
            deleted.set(isGone)
        }
        let isHeld = (try? keeper.store.hold(subject, reason: "Case 12")) != nil
        clock.act(at: 0) {}
        #expect(isHeld != deleted.isSet)
        #expect(try keeper.store.holds().map(\.subject) == (isHeld ? [subject] : []))
    }

    /// What is held by the time that a purge begins is not part of it.
    @Test(arguments: 1...12) func aHoldAgainstAPurge(count: Int) throws {
        let clock = ActingClock()
        let keeper = try keeper(clock)
        let meeting = try keeper.meeting([entry(1)])
        let second = try Store.open(at: keeper.temporary.location, clock: { testStart })
        let held = Flag()
        clock.set(testStart + 370 * Timestamp.secondsPerDay)
        clock.act(at: count) { held.set((try? second.hold(meeting.id.text, reason: "Case 12")) != nil) }
        let purged = try keeper.store.purgeWhatShows().meetings
        #expect(purged == (held.isSet ? [] : [meeting.id]))
        #expect(try second.holds().map(\.subject) == (held.isSet ? [meeting.id.text] : []))
        #expect(((try? second.meeting(meeting.id)) != nil) == held.isSet)
    }

    /// A meeting that a restored backup lacked is due, and comes back and on hold while it is purged.
    @Test(arguments: 1...4) func aHoldAgainstThePurgeOfWhatWasLost(count: Int) throws {
        let clock = ActingClock()
        let keeper = try keeper(clock)
        let (empty, whole) = (keeper.temporary.path("empty.db"), keeper.temporary.path("whole.db"))
        try keeper.store.backup(to: empty)
        let meeting = try keeper.meeting([entry(1)])
        try keeper.store.backup(to: whole)
        _ = try keeper.store.restore(from: empty)
        let second = try Store.open(at: keeper.temporary.location, clock: { testStart })
        #expect((try? second.meeting(meeting.id)) == nil)
        let held = Flag()
        clock.set(testStart + 370 * Timestamp.secondsPerDay)
        clock.act(at: count) {
            let isBack = (try? second.restore(from: whole)) != nil
            held.set(isBack && (try? second.hold(meeting.id.text, reason: "Case 12")) != nil)
        }
        let purged = try keeper.store.purgeDue().meetings
        clock.act(at: 0) {}
        #expect(held.isSet || count > 3, "it comes before the purge begins")
        #expect(purged == (held.isSet ? [] : [meeting.id]))
        #expect(((try? second.meeting(meeting.id)) != nil) == held.isSet)
        let opens = (try? second.analysisSubject(meeting.id)) != nil
        #expect(opens == held.isSet, "the key of what is on hold is there")
    }

    /// The record of a purge that was begun cannot be taken out unseen.
    @Test func aPurgeThatWasBegunIsNotCalledOff() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let (meeting, kept) = (try keeper.meeting([entry(1)]), try keeper.meeting([entry(2)]))
        let vouching = try keeper.store.vouching()
        try keeper.store.change { try Store.begin(meeting.id, testStart, vouching, $0) }
        #expect(try keeper.store.check().problems == [])
        try keeper.store.write { try $0.execute(sql: "DELETE FROM purges") }
        let error = #expect(throws: StoreError(.rowsAltered, "")) { try keeper.store.analysisSubject(kept.id) }
        #expect(error?.message.contains("purges that were begun") == true)
        try keeper.store.write { try $0.execute(sql: "DELETE FROM seals WHERE scope = 'purges'") }
        #expect(throws: StoreError(.rowsAltered, "")) { try keeper.store.analysisSubject(kept.id) }
        #expect(throws: StoreError(.rowsAltered, "")) { try keeper.store.purgeDue() }
    }

    /// A copy that a restore works with is no leftover.
    @Test func copiesInUseStay() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let copy = keeper.temporary.location.store + ".restore-2345abcd"
        try PrivateFile.create(copy, bytes: [1])
        let lock = try FileLock(keeper.store.keyFile.lockPath)
        _ = try Store.open(at: keeper.temporary.location, clock: { testStart })
        #expect(PrivateFile.exists(copy))
        lock.release()
        _ = try Store.open(at: keeper.temporary.location, clock: { testStart })
        #expect(!PrivateFile.exists(copy))
    }
}
