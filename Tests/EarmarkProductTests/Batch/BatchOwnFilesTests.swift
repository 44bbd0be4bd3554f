import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "What goes in" and "Every entry is accounted for": whoever hands in files chooses their names, and no
/// name keeps a file, or another one, from being a line.
@Suite struct BatchOwnFilesTests {
    /// Names in `in`, all with the same content.
    private func place(_ names: String...) throws -> BatchPlace {
        let batch = try BatchPlace("x.wav")
        try names.forEach { try batch.add("in/\($0)", seed: 1) }
        return batch
    }

    @Test func namesThatOnlyLookLikeResultsAreTaken() throws {
        let names = [
            "r.ndjson", "r.ndjson.lock", "r.ndjson.tmp", "r.1-of-2.ndjson", "r.x-of-y.ndjson", "r.ndjson-1",
            "recording-of-board.wav", "r.ndjson.list.wav", "sub/r.ndjson", "store.db.mp3", "store.db-uploads/a.wav",
            "r.ndjson.new-A", "r.ndjson.list.new-0123456789abcd",
        ]
        let batch = try BatchPlace("a.wav")
        for name in names where name != "r.ndjson" { try batch.add("in/\(name)", seed: 1) }
        let first = try batch.summary(["in"], out: "in/r.ndjson", meeting: batch.first)
        #expect(first["files"].int == names.count && first["own"].isAbsent, "\(first)")
        let again = try batch.summary(["in"], out: "in/r.ndjson", meeting: batch.first, ["--resume"])
        #expect(again["files"].int == names.count && again["resumed"].int == names.count)
        #expect(again["own"].array.map(\.string) == ["in/r.ndjson", "in/r.ndjson.list"], "in JSON they are named")
        let text = try batch.batch(["in/*"], out: "in/r.ndjson", meeting: batch.first, ["--resume"]).text
        #expect(text.contains("left out      'in/r.ndjson', 'in/r.ndjson.list' (the store's or the batch's own)"))
    }

    /// `*` of a pattern would cross folders: a batch to `leaks` lost `leaks-2026`, a store `store` all of
    /// `store-uploads`.
    @Test func foldersNamedLikeStoreOrResultsAreSearched() throws {
        let batch = try BatchPlace("a.wav")
        for name in ["r.d/board.wav", "r.d/a-of-b.wav", "r-2026/x.wav", "store.db-uploads/y.wav"] {
            try batch.add(name, seed: 1)
        }
        let all = ["r.d/a-of-b.wav", "r.d/board.wav", "r-2026/x.wav", "store.db-uploads/y.wav"]
        for out in ["r", "r.ndjson"] {
            #expect(try batch.paths("r.d", "r-2026", "store.db-uploads", out: out) == all)
        }
    }

    /// The store with its companions, the results and all parts of this batch, and those that are being written.
    @Test func whatIsWrittenIsLeftOutAndTold() throws {
        let batch = try BatchPlace("a.wav")
        let own = ["r.2-of-3.ndjson", "r.2-of-3.ndjson.list", "r.ndjson.list.new-1f", "store.db.key.lock"]
        for name in own.dropLast() + ["r.2-of-4.ndjson", "r.4-of-3.ndjson"] { try batch.add(name, seed: 1) }
        let plan = try batch.plan([".", "--meeting", batch.first, "--shard", "1/3"]).plan
        let told = Set(plan["own"].array.compactMap(\.string))
        #expect(told.isSuperset(of: own.map { "./\($0)" } + ["./store.db", "./store.db.key"]), "\(told)")
        let taken = try batch.paths(".")
        #expect(taken.contains("./r.2-of-4.ndjson") && taken.contains("./r.4-of-3.ndjson"))
        #expect(taken.contains("./r.2-of-3.ndjson"), "a batch that is not shared out writes no part")
        #expect(!taken.contains("./r.ndjson.list.new-1f") && !taken.contains("./store.db.key"))
    }

    @Test func aRecordingInTheListsPlaceIsNotWrittenOver() throws {
        let batch = try BatchPlace("a.wav")
        try batch.add("in/r.ndjson.list", seed: 7)
        let before = try Data(contentsOf: URL(fileURLWithPath: batch.place.file("in/r.ndjson.list")))
        let result = try batch.batch(["in"], out: "in/r.ndjson", meeting: batch.first)
        #expect(result.exitStatus == 73 && result.errors.contains("'in/r.ndjson.list'"), "\(result.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: batch.place.file("in/r.ndjson.list"))) == before)
        #expect(!FileManager.default.fileExists(atPath: batch.place.file("in/r.ndjson")), "nothing was begun")
    }

    /// A file that is called `*.wav` is one of those that the pattern means.
    @Test func aNameLikeThePatternHidesNoOther() throws {
        let batch = try place("1.wav", "2.wav", "*.wav", "[12].wav")
        #expect(try batch.paths("in/*.wav") == ["in/*.wav", "in/1.wav", "in/2.wav", "in/[12].wav", "in/x.wav"])
        // A name in brackets is none of those that it means as a pattern: both.
        #expect(try batch.paths("in/[12].wav") == ["in/[12].wav", "in/1.wav", "in/2.wav"])
        try batch.add("in/*/deep.wav", seed: 2)
        try batch.add("in/b/deep.wav", seed: 2)
        #expect(try batch.paths("in/*/deep.wav") == ["in/*/deep.wav", "in/b/deep.wav"])
    }

    /// Whoever runs the tests as root reads every folder, unless the program is started without that right.
    @Test func foldersThatStopAPatternAreALine() throws {
        let person = Newcomer(place: try place("ok/a.wav", "closed/b.wav", "list/c.wav").place)
        let right = getuid() == 0 ? "setpriv --bounding-set -dac_override,-dac_read_search " : ""
        guard try person.type("\(right)true").status == 0 else { return }
        try person.done("chmod 000 in/closed; chmod 444 in/list")
        defer { _ = try? person.type("chmod 700 in/closed in/list") }
        for pattern in ["in/*/*.wav", "in/[cl]*/?.wav"] {
            let plan = try person.type("\(right)earmark batch '\(pattern)' -m First --out r.ndjson --dry-run --json")
            #expect(plan.status == 30, "\(plan)")
            let files = try JSON(text: plan.output)["plan"]["files"].array
            let refused = files.filter { $0["problem"].string?.contains("cannot be read") ?? false }
            #expect(Set(refused.compactMap(\.["path"].string)).isSuperset(of: ["in/closed"]), "\(plan)")
            #expect(files.contains { $0["path"].string?.hasPrefix("in/list") ?? false }, "\(plan)")
        }
    }
}
