import Foundation
import ProgramSupport
import Testing

/// docs/many.md, Figures: nothing but figures is replaced by figures, and what cannot be written is told first.
@Suite struct FiguresPlaceTests {
    private func bytes(_ place: Workplace, _ name: String) -> Data? {
        try? Data(contentsOf: URL(fileURLWithPath: place.file(name)))
    }

    /// Refused with 73 before anything is done, and what lay there lies there.
    private func expectKept(_ place: Workplace, _ name: String, _ arguments: [String]) throws {
        let before = bytes(place, name)
        let result = try place.run(arguments + [name])
        #expect(result.exitStatus == 73 && result.errors.contains("'\(name)'"), "\(name): \(result.errors)")
        #expect(bytes(place, name) == before, "\(name)")
    }

    @Test func aStoresFiguresReplaceNothingOfTheStore() throws {
        let store = try StorePlace()
        let place = store.place
        _ = try store.enrol()
        try place.write("a letter", to: "letter.txt")
        try FileManager.default.createSymbolicLink(atPath: place.file("link"), withDestinationPath: "store.db.key")
        // The last is not there yet.
        for name in ["store.db", "store.db.key", "store.db.key.head", "link", "letter.txt", "store.db-journal"] {
            try expectKept(place, name, ["store", "metrics", "--output"])
        }
        #expect(try place.json("meeting", "list")["meetings"].array.count == 1)
        // What is empty, and what are figures, is replaced.
        try place.write("", to: "m.prom")
        for _ in 1...2 { try place.succeed("store", "metrics", "--output", "m.prom") }
        #expect(try place.text(of: "m.prom").hasPrefix("# HELP earmark_store_"))
        #expect(try store.status("store", "metrics", "--output", "/dev/null") == 0)
        try FileManager.default.createDirectory(atPath: place.file("folder"), withIntermediateDirectories: false)
        let folder = try place.run("store", "metrics", "--output", "folder")
        #expect(folder.exitStatus == 74 && folder.errors.contains("it is a folder"), "\(folder.errors)")
    }

    @Test func aWorkersFiguresReplaceNothingOfItsOwn() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let worker = [
            "work", "--bundle", "case.bundle", "--key", "case.bundle.key", "--plan", "run.json", "--part", "1", "-o",
            "p.ndjson", "--metrics",
        ]
        for name in ["case.bundle", "case.bundle.key", "run.json", "in/a.wav"] {
            try expectKept(run.place, name, worker)
        }
        #expect(try run.place.run(worker + ["p.ndjson"]).exitStatus == 73)
        let nowhere = try run.place.run(worker + ["no/m.prom"])
        #expect(nowhere.exitStatus == 74 && nowhere.errors.contains("mkdir -p no"), "\(nowhere.errors)")
        // Nothing was begun for any of these.
        #expect(try run.lines("p.ndjson").allSatisfy { $0.contains("\"opens\"") })
        // What cannot be written in the end is no failure of the work.
        let full = try run.place.run(worker + ["/dev/full"])
        #expect(full.exitStatus == 0 && full.errors.contains("warning: cannot write '/dev/full'"), "\(full.errors)")
    }

    @Test func aBatchsFiguresReplaceNothingOfItsOwn() throws {
        let batch = try BatchPlace()
        try batch.add("in/a.wav", seed: 1)
        let verb = ["batch", "in/a.wav", "--meeting", batch.first, "--out", "r.ndjson"] + BatchPlace.quick
        for name in ["in/a.wav", "r.ndjson", "r.ndjson.list", "store.db.key"] {
            try expectKept(batch.place, name, verb + ["--metrics"])
        }
        #expect(try batch.place.run(verb + ["--metrics", "store.db"]).exitStatus == 73)
        // What is named by a pattern alone is a recording all the same.
        try expectKept(
            batch.place, "in/a.wav", ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--metrics"])
        #expect(bytes(batch.place, "r.ndjson") == nil)
        let full = try batch.place.run(verb + ["--metrics", "/dev/full"])
        #expect(full.exitStatus == 0 && full.errors.contains("warning: cannot write '/dev/full'"), "\(full.errors)")
        #expect(try batch.lines().count == 1)
    }
}
