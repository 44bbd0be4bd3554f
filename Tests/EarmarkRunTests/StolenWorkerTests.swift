import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
import EarmarkService
import EarmarkStore
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkRun

/// Whoever has a bundle, its key and its lines signs what he likes; the store takes none of it that its bundle does
/// not carry.
@Suite struct StolenWorkerTests {
    private let folder: ScratchFolder
    private let service: Service
    private let first: Meeting
    private let second: Meeting
    private let open: OpenBundle
    private let sealed: SealedBundle
    private let plan: RunPlan

    init() throws {
        folder = try ScratchFolder()
        let location = StoreLocation(store: folder.file("s.db"), keyFile: folder.file("s.db.key"))
        service = try Service.create(at: location, organisation: "Example Ltd", context: .init(decoder: nil))
        let roster = [
            RosterEntry(
                participant: "Ada Abbott", email: "ada@example.org", device: "laptop", kind: .desktop)
        ]
        let draft = MeetingDraft(title: "Secret title", startsAt: Store.systemClock())
        first = try service.enrol(draft, roster: roster)
        second = try service.enrol(draft, roster: roster)
        let key = BundleKey()
        sealed = try service.makeBundle(.meetings([first.id]), to: key.recipient).bundle
        open = try sealed.opened(with: key)
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.file("a.wav")))
        plan = try RunPlan(
            [BatchItem(path: "a.wav", meeting: "", label: .init())], noMeeting: "", parts: 1, effort: .normal,
            allowShort: false, digests: false
        ).create(folder.file("run.json"))
    }

    // MARK: What the thief forges

    /// A line as the thief signs it.
    private func line(
        meeting: MeetingID, outcome: FileOutcome, item: Int = 0, plan: String? = nil, signer: LineSigner? = nil
    ) throws -> [UInt8] {
        let line = WorkLine(
            bundle: open.header.bundle, place: .init(plan: plan ?? self.plan.digest, item: item),
            sha256: String(repeating: "0", count: 64),
            request: BatchRequest(
                meeting: meeting.text, effort: "normal", allowShort: false, toolVersion: EarmarkVersion.current),
            outcome: outcome, evidence: [])
        return try line.signed(signer ?? open.signer)
    }

    private func refusal(at time: Timestamp = Store.systemClock(), path: String = "a.wav") -> FileOutcome {
        FileOutcome(path: path, id: nil, date: time.text, refusal: .init(code: "corrupt", message: "m"))
    }

    /// What importing a run of this one line ends with; nil if it is taken.
    private func importing(_ line: [UInt8]) throws -> (any Error)? {
        let part = folder.file("\(UInt64.random(in: 0...UInt64.max)).ndjson")
        let file = try PartFile(part, plan: plan, part: 1, signer: open.signer)
        try file.append(line)
        try file.finish()
        do {
            try RunFile.create(part + ".run", from: RunParts([part], of: plan))
            _ = try RunImport(part + ".run", of: plan, into: service).run()
            return nil
        } catch {
            return error
        }
    }

    // MARK: Tests

    /// The others mean something only if an honest line is taken.
    @Test func anHonestLineIsTaken() throws {
        #expect(try importing(try line(meeting: first.id, outcome: refusal())) == nil)
        #expect(try service.store.analyses().count == 1)
    }

    @Test func noOtherMeetingIsAnsweredAbout() throws {
        let error = try importing(try line(meeting: second.id, outcome: refusal())) as? RunError
        #expect(error?.code == .unsigned)
        #expect(try service.store.analyses().isEmpty)
        #expect(throws: BundleError(.nothingHeld, "")) { try open.subject(second.id) }
    }

    @Test func aLineOfAnotherKeyIsRefused() throws {
        let other = try service.makeBundle(.meetings([second.id]), to: BundleKey().recipient)
        _ = other
        let key = BundleKey()
        let theirs = try service.makeBundle(.meetings([second.id]), to: key.recipient).bundle.opened(with: key)
        let line = try line(meeting: first.id, outcome: refusal(), signer: theirs.signer)
        #expect(try (importing(line) as? RunError)?.code == .unsigned)
    }

    @Test func aChangedLineIsRefused() throws {
        let line = String(decoding: try line(meeting: first.id, outcome: refusal()), as: UTF8.self)
        let changed = Array(line.replacing("corrupt", with: "tooBig1").utf8)
        #expect(try (importing(changed) as? RunError)?.code == .unsigned)
    }

    @Test func aLineOfAnotherInputIsRefused() throws {
        let line = try line(meeting: first.id, outcome: refusal(path: "b.wav"))
        #expect(try (importing(line) as? RunError)?.code == .foreign)
    }

    @Test func linesEndWithTheBundle() throws {
        let late = open.header.expires + 3_600
        #expect(
            try (importing(try line(meeting: first.id, outcome: refusal(at: late))) as? RunError)?.code == .unsigned)
        _ = try service.store.revokeBundle(open.header.bundle)
        let error = try importing(try line(meeting: first.id, outcome: refusal())) as? RunError
        #expect(error?.message.contains("revoked") ?? false)
    }

    /// Names, titles and addresses are nowhere in what a worker holds, once it is opened either.
    @Test func nobodyIsNamed() throws {
        let subject = try open.subject(first.id)
        #expect(subject.meeting.title.isEmpty && subject.meeting.hostEmail == nil && open.organisation.name.isEmpty)
        #expect(subject.candidates.allSatisfy { $0.participant.isEmpty && $0.email.isEmpty && $0.device.isEmpty })
        let real = try service.store.analysisSubject(first.id)
        #expect(subject.candidates.map(\.clientID) == real.candidates.map(\.clientID))
        #expect(subject.candidates.map(\.identitySeed) == real.candidates.map(\.identitySeed))
        #expect(subject.candidates.map(\.tag) == real.candidates.map(\.tag))
        #expect(subject.sharedSeeds == real.sharedSeeds && subject.decoySeed == real.decoySeed)
        // What was sealed, byte by byte: the same bundle's clear text.
        var dumped = ""
        dump(open, to: &dumped)
        for name in ["Ada", "ada@", "laptop", "Secret title", "Example"] { #expect(!dumped.contains(name)) }
    }

    /// Neither the bundle nor what it opens to holds a key of the store.
    @Test func noKeyOfTheStoreIsInIt() throws {
        _ = try service.store.reportSigner()
        let keys = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: folder.file("s.db.key"))))
        let members = try #require(keys as? [String: Any])
        var secrets = [members["signing"], members["audit"]].compactMap { $0 as? String }
        for name in ["organisations", "meetings"] {
            secrets += (members[name] as? [String: String] ?? [:]).values
        }
        #expect(secrets.count == 5)
        var dumped = ""
        dump(open, to: &dumped)
        let terms = String(decoding: try JSONEncoder().encode(open.terms), as: UTF8.self).replacing("\\/", with: "/")
        for secret in secrets {
            let bytes = [UInt8](Data(base64Encoded: secret) ?? Data())
            #expect(bytes.count == 32)
            #expect(!terms.contains(secret))
            #expect(!dumped.contains(bytes.map(String.init).joined(separator: "\n")))
        }
    }

    /// Where a bundle cannot be written, the key that was made for it does not stay, nor does what is there already go.
    @Test func noKeyStaysWithoutItsBundle() throws {
        func giveOut(_ path: String, keyPath: String) throws -> BundleID {
            let key = BundleKey()
            let made = try service.makeBundle(.meetings([first.id]), to: key.recipient).bundle
            #expect(throws: (any Error).self) {
                try service.giveOut(made, to: folder.file(path), key: key, keyPath: folder.file(keyPath))
            }
            return made.header.bundle
        }
        try Data("precious".utf8).write(to: URL(fileURLWithPath: folder.file("there")))
        func content(_ name: String) -> String? {
            FileManager.default.contents(atPath: folder.file(name)).map { String(decoding: $0, as: UTF8.self) }
        }
        for (path, keyPath) in [
            ("missing/a.bundle", "a.key"), ("there", "a.key"), ("a.bundle", "there"), ("a.bundle", "missing/a.key"),
        ] {
            let id = try giveOut(path, keyPath: keyPath)
            #expect(content("a.key") == nil && content("a.bundle") == nil, "\(path) \(keyPath)")
            #expect(content("there") == "precious", "\(path) \(keyPath)")
            #expect(try service.store.bundle(id).revokedAt != nil, "\(path) \(keyPath)")
        }
    }
}
