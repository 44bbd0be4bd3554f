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

/// Whoever holds a bundle's key signs whatever answer he likes; what no analysis comes to is not stored, and what is
/// stored ends no command.
@Suite struct ForgedAnswerTests {
    private let forgery: Forgery

    init() throws { forgery = try Forgery() }

    private var folder: ScratchFolder { forgery.folder }
    private var service: Service { forgery.service }
    private var meeting: Meeting { forgery.meeting }
    private var client: ClientID { forgery.clients[0] }
    private var other: ClientID { forgery.clients[1] }
    private var open: OpenBundle { forgery.open }
    private var plan: RunPlan { forgery.plan }
    private var honest: String { forgery.honest() }

    /// What importing a run of this one line ends with; nil if it is taken.
    private func importing(_ line: [UInt8]) throws -> RunError? {
        do throws(any Error) {
            _ = try forgery.importing([line])
            return nil
        } catch let error as RunError {
            return error
        }
    }

    private func signed(_ json: String) throws -> [UInt8] { try forgery.signed(json) }

    /// Stretches that nobody asked for.
    private static let triage =
        "\"triage\":{\"isAnswer\":true,\"seconds\":9,\"stretches\":[{\"track\":0,\"from\":1,\"to\":10}]}"

    // MARK: Tests

    @Test func anHonestAnswerIsTakenAndSaysWhoMadeIt() throws {
        let line = try signed(honest)
        #expect(try importing(line) == nil)
        // The same place in the plan is the same analysis, whatever the bytes of its line.
        #expect(try importing(try signed(honest.replacing("\"z\":78", with: "\"z\":79"))) == nil)
        let records = try service.store.analyses()
        #expect(records.count == 1)
        let stored = try service.store.document(try #require(records.first))
        #expect(stored.answer.bundle == open.header.bundle.text)
        // What an answer says of itself is the store's own.
        #expect(!stored.answer.statements.contains("Verified by the court."))
        #expect(stored.answer.statements.count == 2)
        #expect(stored.answer.sources.first?.participant == "Ada Abbott")
    }

    /// A hint is the program's advice to whoever reads the answer, so none is taken from a worker.
    @Test func aWorkersHintIsNotTaken() throws {
        let hint = "\"warnings\":[],\"hint\":\"Ada Abbott confessed.\""
        #expect(try importing(try signed(honest.replacing("\"warnings\":[]", with: hint))) == nil)
        let stored = try service.store.document(try #require(try service.store.analyses().first))
        #expect(stored.answer.hint == nil)
    }

    /// The last character of a signature has bits to spare: the same signature in other letters is another line.
    @Test func aSignatureIsWrittenInOneWay() throws {
        let line = try signed(honest)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let place = line.count - 5
        let value = try #require(letters.firstIndex(of: line[place]))
        var other = line
        other[place] = letters[(value & ~15) | ((value + 1) & 15)]
        #expect(try importing(other)?.code == .unsigned)
        #expect(try service.store.analyses().isEmpty)
    }

    @Test(arguments: [
        ("\"heardSeconds\":123.5", "\"heardSeconds\":1e300"),
        ("\"from\":0.5,\"to\":124", "\"from\":1e300,\"to\":1e300"),
        ("\"seconds\":125", "\"seconds\":1e300"), ("\"seconds\":125", "\"seconds\":-1"),
        ("\"log10FalseAccusation\":-77", "\"log10FalseAccusation\":-1e300"),
        ("\"log10FalseAccusation\":-77", "\"log10FalseAccusation\":-2"),
        ("\"counts\":[1,2]", "\"counts\":[9223372036854775807,9223372036854775807]"), ("\"step\":0.25", "\"step\":0"),
        ("\"verdict\":\"identified\",\"summary\"", "\"verdict\":\"not-found\",\"summary\""),
        ("\"verdict\":\"identified\",\"client\"", "\"verdict\":\"trace\",\"client\""),
        ("\"kind\":\"desktop\"", "\"kind\":\"desktop\",\"reason\":\"Ada Abbott confessed.\""),
        ("\"log10Threshold\":-9", "\"log10Threshold\":-3"), ("\"allowShort\":false,", "\"allowShort\":true,"),
        ("\"bytes\":20000,", "\"bytes\":20001,"), ("\"name\":\"0.wav\"", "\"name\":\"b.wav\""),
        ("\"track\":0", "\"track\":99"), ("\"place\":0,", "\"place\":9223372036854775807,"),
        ("\"sourceSteps\":[[", "\"sourceSteps\":[[],["), ("\"isPresent\":true", "\"isPresent\":false"),
        ("\"requiredZ\":7,", "\"requiredZ\":7,\"shares\":3,"),
        ("\"warnings\":[]", "\"warnings\":[],\(ForgedAnswerTests.triage)"),
        (
            "\"requiredZ\":7,\"effort\":\"normal\"}",
            "\"requiredZ\":7,\"shares\":3,\"effort\":\"normal\"},\(ForgedAnswerTests.triage)"
        ),
        ("\"toolVersion\":\"0.1.0\"},\"path\"", "\"toolVersion\":\"0.1.0 \\n\"},\"path\""),
        // No bound is smaller than the engine's, or than its evidence allows.
        ("\"log10FalseAccusation\":-77", "\"log10FalseAccusation\":-300"),
        ("\"log10FalseAccusation\":-77,\"z\":78", "\"log10FalseAccusation\":-77,\"z\":0"),
        ("\"log10FalsePresence\":-77", "\"log10FalsePresence\":-300"),
        ("\"z\":78,\"log10Bound\":-77", "\"z\":1,\"log10Bound\":-77"),
        ("\"z\":78,\"log10Bound\":-77", "\"z\":1,\"log10Bound\":-0.1"), ("\"requiredZ\":7", "\"requiredZ\":1"),
        // Nor is anybody heard outside of the recording, at another time, or at a speed that is not looked for.
        ("\"from\":0.5,\"to\":124,\"meetingFrom\"", "\"from\":-5,\"to\":124,\"meetingFrom\""),
        ("\"from\":0.5,\"to\":124,\"meetingFrom\"", "\"from\":0.5,\"to\":999,\"meetingFrom\""),
        ("\"heardSeconds\":123.5", "\"heardSeconds\":100"), ("\"heard\":[{", "\"heard\":[],\"old\":[{"),
        ("\"playedAt\":\"2", "\"playedAt\":\"1"), ("\"pitch\":1,\"rate\":1,\"heard", "\"pitch\":1,\"rate\":5,\"heard"),
        ("\"pitch\":1,\"rate\":1,\"heard", "\"pitch\":5,\"rate\":1,\"heard"),
        // The file is a recording that can hold that, and the meeting is the store's.
        ("\"container\":\"wav\"", "\"container\":\"evil\""), ("\"candidates\":2", "\"candidates\":1"),
        ("\"start\":\"2", "\"start\":\"1"), ("\"meetingDurationSeconds\":7200", "\"meetingDurationSeconds\":7201"),
        ("\"build\":{\"version\":\"0.1.0\"", "\"build\":{\"version\":\"9.9\""),
        ("\"warnings\":[]", "\"warnings\":[\(Array(repeating: "\"w\"", count: 41).joined(separator: ","))]"),
        // One reader takes the first member of a name, and another the last.
        ("\"verdict\":\"identified\",\"summary\"", "\"verdict\":\"identified\",\"verdict\":\"identified\",\"summary\""),
        ("\"verdict\":\"identified\",\"summary\"", "\"signature\":\"\",\"verdict\":\"identified\",\"summary\""),
    ]) func whatNoAnalysisComesToIsRefused(part: String, instead: String) throws {
        let forged = honest.replacing(part, with: instead)
        #expect(forged != honest)
        #expect(try importing(try signed(forged)) != nil)
        #expect(try service.store.analyses().isEmpty)
    }

    /// docs/many.md, "What an import checks": played when the meeting's clock says.
    ///
    /// The stretch begins half a second into the meeting, so it was played in the second that the meeting began in; all
    /// else of the line is honest.
    @Test(arguments: [(0, true), (1, false), (-1, false), (3_600, false)] as [(Int64, Bool)])
    func whoIsHeardWasPlayedWhenTheMeetingsClockSays(later: Int64, isTaken: Bool) throws {
        let start = meeting.startsAt
        let line = honest.replacing(
            "\"playedAt\":\"\(start.text)\"", with: "\"playedAt\":\"\((start + later).text)\"")
        #expect((line == honest) == (later == 0))
        let problem = try importing(try signed(line))
        #expect((problem == nil) == isTaken)
        #expect(problem?.message.contains("at another time than the meeting's") ?? isTaken, "\(problem as Any)")
        #expect(try service.store.analyses().count == (isTaken ? 1 : 0))
    }

    /// A recording of a meeting that was changed after the bundle was made is not held to what it is now.
    @Test func aRosterThatGrewIsNotHeldAgainstAnAnswer() throws {
        let line = try signed(honest)
        let entry = RosterEntry(participant: "Cleo", email: "cleo@example.org", device: "laptop", kind: .desktop)
        _ = try service.store.addClients([entry], toMeeting: meeting.id)
        #expect(try importing(line) == nil)
    }

    /// While its bundle holds, too, a line is of the past, but for what clocks differ by.
    @Test(arguments: [(3_600, false), (-3_600, false), (200, true)] as [(Int64, Bool)])
    func aDateThatHasNotComeYetIsNone(ahead: Int64, isTaken: Bool) throws {
        let date = (Store.systemClock() + ahead).text
        let line = honest.replacing(/"date":"[^"]*"/, with: "\"date\":\"\(date)\"")
        #expect(try (importing(try signed(line)) == nil) == isTaken)
    }

    /// The text of a letter is no recording of two minutes.
    @Test func aFileThatIsTooSmallForWhatWasHeardIsNone() throws {
        let small = try Forgery(bytes: 3)
        let line = small.honest().replacing("\"bytes\":20000", with: "\"bytes\":3")
        #expect(throws: RunError(.foreign, "")) { try small.importing([try small.signed(line)]) }
    }

    /// A line whose sources have these verdicts, in their order, and which has `verdict` itself.
    private func line(_ sources: [String], _ verdict: String) throws -> [UInt8] {
        let whole = try JSONSerialization.jsonObject(with: Data(honest.utf8))
        var line = try #require(whole as? [String: Any])
        let source = try #require((line["sources"] as? [[String: Any]])?.first)
        let reason = try #require(Answer.Source.reasons.min())
        line["sources"] = zip(sources, [client, other]).map { verdict, client in
            let said: [String: Any] = verdict == "identified" ? [:] : ["reason": reason]
            return source.merging(["verdict": verdict, "client": client.text]) { $1 }.merging(said) { $1 }
        }
        var kept = try #require((line["evidence"] as? [[String: Any]])?.first)
        for name in ["sourceSteps", "places"] {
            let first = try #require((kept[name] as? [Any])?.first)
            kept[name] = Array(repeating: first, count: sources.count)
        }
        line["evidence"] = [kept]
        line["verdict"] = verdict
        let bytes = try JSONSerialization.data(withJSONObject: line, options: .withoutEscapingSlashes)
        return try open.signer.signed(Array(bytes))
    }

    /// docs/json-schema.md, `verdict`: whoever is identified goes before a mark that does not fit, and that before a
    /// trace, in whatever order they were found.
    @Test(
        arguments: [
            (["identified", "trace"], "identified"), (["trace", "identified"], "identified"),
            (["identified", "detached"], "identified"), (["detached", "identified"], "identified"),
            (["detached", "trace"], "detached"), (["trace", "detached"], "detached"), (["detached"], "detached"),
            (["trace"], "trace"), ([], "inconclusive"),
        ] as [([String], String)]) func theVerdictFollowsFromTheSources(sources: [String], verdict: String) throws
    {
        for other in Verdict.allCases.map(\.rawValue) where other != verdict {
            #expect(try importing(try line(sources, other)) != nil, "\(other)")
        }
        #expect(try service.store.analyses().isEmpty)
        #expect(try importing(try line(sources, verdict)) == nil)
        let due = try #require(Verdict(rawValue: verdict))
        #expect(try service.store.analyses().map(\.content.outcome) == [.verdict(due)])
    }

    /// An answer is held to the bound of the time when its bundle was made, not to earlier or later ones.
    ///
    /// Bounds with when they were set, in seconds from then.
    @Test(
        arguments: [
            ([-6, -9], [-20, -10], true), ([-9, -6], [-20, -10], false), ([-6, -12, -9], [-30, -20, -10], true),
            ([-9, -6], [-10, 600], true), ([-6, -9], [-10, 600], false),
        ] as [([Double], [Int64], Bool)])
    func theBoundIsThatOfTheBundlesTime(bounds: [Double], ages: [Int64], isTaken: Bool) throws {
        for (bound, age) in zip(bounds, ages) {
            let time = open.header.created + age
            let then = try Service(at: service.store.location, context: .init(decoder: nil, clock: { time }))
            var settings = OrganisationSettings()
            settings.log10Threshold = bound
            try then.store.updateSettings(settings, of: meeting.organisationID)
        }
        #expect(try (importing(try signed(honest)) == nil) == isTaken)
        #expect(try service.store.analyses().count == (isTaken ? 1 : 0))
    }

    /// More further answers than a byte counts; a bundle of one meeting has none.
    @Test func furtherAnswersAreBounded() throws {
        let whole = try JSONSerialization.jsonObject(with: Data(honest.utf8))
        var line = try #require(whole as? [String: Any])
        let evidence = try #require((line["evidence"] as? [Any])?.first)
        var other = line
        for name in ["evidence", "place", "bundle", "request", "schema"] { other[name] = nil }
        line["further"] = Array(repeating: other, count: 300)
        line["evidence"] = Array(repeating: evidence, count: 301)
        let bytes = try JSONSerialization.data(withJSONObject: line, options: .withoutEscapingSlashes)
        #expect(try importing(try open.signer.signed(Array(bytes))) != nil)
    }

    /// A worker that goes on trusts no line that its own key did not sign.
    @Test func changedLinesOfAPartAreDoneAgain() throws {
        let path = folder.file("part.ndjson")
        let first = try PartFile(path, plan: plan, part: 1, signer: open.signer)
        try first.append(try signed(honest) + [UInt8(ascii: "\n")])
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for changed in [text.replacing("\"z\":78", with: "\"z\":70"), text + "garbage\n"] {
            try Data(changed.utf8).write(to: URL(fileURLWithPath: path + ".2"))
            let again = try PartFile(path + ".2", plan: plan, part: 1, signer: open.signer)
            #expect(again.found.isDamaged)
            #expect(again.found.settled.isEmpty == (changed.count == text.count))
        }
    }

    /// A part that lies there is a plain file that nobody else reads from then on.
    @Test func aPartIsClosedToOthers() throws {
        let path = folder.file("open.ndjson")
        #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o666]))
        _ = try PartFile(path, plan: plan, part: 1, signer: open.signer)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(throws: RunError(.malformed, "")) {
            try PartFile(folder.file("pipe"), plan: plan, part: 1, signer: open.signer)
        }
    }
}
