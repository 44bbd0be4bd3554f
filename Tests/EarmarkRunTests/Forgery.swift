import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
import EarmarkService
import EarmarkStore
import EarmarkTestSupport
import Foundation

@testable import EarmarkRun

/// A store, a plan, and whoever holds a bundle and its key: he signs what he likes.
struct Forgery {
    let folder: ScratchFolder
    let service: Service
    let meeting: Meeting
    /// Ada's and Bela's.
    let clients: [ClientID]
    let open: OpenBundle
    let plan: RunPlan

    /// `inputs`: how many recordings are planned, `0.wav` and so on; `digests`: whether what they hold is planned, too;
    /// `bytes`: how large they are.
    init(inputs: Int = 1, digests: Bool = false, bytes: Int = 20_000) throws {
        folder = try ScratchFolder()
        let location = StoreLocation(store: folder.file("s.db"), keyFile: folder.file("s.db.key"))
        service = try Service.create(at: location, organisation: "Example Ltd", context: .init(decoder: nil))
        let roster = ["Ada Abbott", "Bela Berger"].map { name in
            let email = "\(name.prefix(while: { $0 != " " }).lowercased())@example.org"
            return RosterEntry(participant: name, email: email, device: "laptop", kind: .desktop)
        }
        meeting = try service.enrol(MeetingDraft(title: "Board", startsAt: Store.systemClock()), roster: roster)
        clients = try service.store.clients(ofMeeting: meeting.id).map(\.id)
        open = try Forgery.bundle(of: meeting.id, in: service)
        let paths = (0..<inputs).map { [folder] in folder.file("\($0).wav") }
        for path in paths { try Data(repeating: 120, count: bytes).write(to: URL(fileURLWithPath: path)) }
        plan = try RunPlan(
            paths.map { BatchItem(path: $0, meeting: "", label: .init()) }, noMeeting: "", parts: 1, effort: .normal,
            allowShort: false, digests: digests
        ).create(folder.file("run.json"))
    }

    private static func bundle(of meeting: MeetingID, in service: Service) throws -> OpenBundle {
        let key = BundleKey()
        return try service.makeBundle(.meetings([meeting]), to: key.recipient).bundle.opened(with: key)
    }

    /// Another bundle of the meeting, opened.
    func bundle() throws -> OpenBundle { try Forgery.bundle(of: meeting.id, in: service) }

    /// What begins every line about an item.
    private func head(_ item: Int, _ bundle: OpenBundle?, sha256: String) -> String {
        """
        {"schema":1,"bundle":"\((bundle ?? open).header.bundle)","place":{"plan":"\(plan.digest)","item":\(item)},
        "sha256":"\(sha256)","request":{"meeting":"\(meeting.id)","effort":"normal","allowShort":false,
        "toolVersion":"0.1.0"},"path":"\(plan.items[item].input)","date":"\(Store.systemClock().text)",
        """
    }

    private func digest(_ item: Int) -> String { String(repeating: String(item % 10), count: 64) }

    /// An answer that a worker could have given, as JSON.
    func honest(_ item: Int = 0, of bundle: OpenBundle? = nil) -> String {
        let digest = digest(item)
        let weights = Array(repeating: "0.5", count: 28).joined(separator: ",")
        let answer = """
            "verdict":"identified","summary":"s","file":{"name":"\(item).wav","container":"wav","bytes":20000,
            "sha256":"\(digest)","seconds":125,"tracks":[{"index":0,"codec":"pcm","sampleRate":16000,"channels":1}],
            "corruptPackets":0,"isTruncated":false},
            "meeting":{"id":"\(meeting.id)","title":"","start":"\(meeting.startsAt.text)"},
            "sources":[{"verdict":"identified","client":"\(clients[0])","participant":"","email":"","device":"",
            "kind":"desktop","log10FalseAccusation":-77,"z":78,"pitch":1,"rate":1,"heardSeconds":123.5,
            "heard":[{"from":0.5,"to":124,"meetingFrom":0.5,"meetingTo":124,"playedAt":"\(meeting.startsAt.text)",
            "uncertaintySeconds":0.004,"z":78}]}],"unmarkable":[],"tested":{"candidates":2,"hypotheses":42,
            "log10Threshold":-9,"requiredZ":7,"effort":"normal"},"pilot":{"isPresent":true,"log10FalsePresence":-77,
            "score":49,"expectedZ":48,"leastExpectedZ":12,"mostExpectedZ":99},"warnings":[],
            "statements":["Verified by the court."],"name":"","note":"","toolVersion":"0.1.0","evidence":[{"version":2,
            "organisation":"","meetingDurationSeconds":7200,"decoys":{"from":-8,"step":0.25,"counts":[1,2],"highest":4},
            "sourceSteps":[[{"from":0.5,"to":4,"sum":9,"energy":9}]],"parameters":{"minimumSeconds":100,
            "maximumBytes":5000000,"allowShort":true,"effort":"normal","retentionDays":360},"build":{"version":"0.1.0",
            "system":"Linux","architecture":"x86_64"},"places":[{"track":0,"pitch":1,"rate":1,"place":0,"places":21,
            "pieces":[{"from":0,"to":7807,"offset":0,"slope":0,"period":0}],"weights":[\(weights)],"z":78,
            "log10Bound":-77}]}]}
            """
        return (head(item, bundle, sha256: digest) + answer).replacing("\n", with: "")
    }

    /// A refusal that a worker could have given, as JSON.
    func refusal(_ code: String, _ message: String = "m", item: Int = 0, of bundle: OpenBundle? = nil) -> String {
        (head(item, bundle, sha256: digest(item))
            + "\"evidence\":[],\"refusal\":{\"code\":\"\(code)\",\"message\":\"\(message)\"}}")
            .replacing("\n", with: "")
    }

    /// `json` as a line of a bundle's worker.
    func signed(_ json: String, by bundle: OpenBundle? = nil) throws -> [UInt8] {
        try (bundle ?? open).signer.signed(Array(json.utf8))
    }

    /// Joins these lines as the whole of a run of `plan`, and takes it in.
    @discardableResult
    func importing(_ lines: [[UInt8]]) throws -> RunImport.Summary {
        try RunImport(try merged(lines), of: plan, into: service).run()
    }

    /// A merged run of these lines.
    func merged(_ lines: [[UInt8]]) throws -> String {
        let part = folder.file("\(UInt64.random(in: 0...UInt64.max)).ndjson")
        let file = try PartFile(part, plan: plan, part: 1, signer: open.signer)
        for line in lines { try file.append(line + [UInt8(ascii: "\n")]) }
        try file.finish()
        try RunFile.create(part + ".run", from: RunParts([part], of: plan))
        return part + ".run"
    }
}
