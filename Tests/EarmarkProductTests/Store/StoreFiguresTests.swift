import Foundation
import ProgramSupport
import Testing

/// docs/many.md, Figures: what operators see of a store.
@Suite struct StoreFiguresTests {
    private func figures(_ text: String) -> [String: String] {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            lines.compactMap { line in
                line.lastIndex(of: " ").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Two meetings, one kept by a hold; two bundles, one revoked; an analysis; and nothing is purged for it.
    @Test func figuresCountWhatIsThere() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol()
        let held = try store.enrol(start: StorePlace.start - 400 * StorePlace.day, "--hold", "Case 12")
        for name in ["a", "b"] {
            try place.succeed("bundle", "create", "--meeting", meeting, "-o", "\(name).bundle")
        }
        let bundles = try place.json("bundle", "list")["bundles"].array
        try place.succeed("bundle", "revoke", bundles[0]["id"].string ?? "")
        try place.write("no audio", to: "junk.wav")
        #expect(try store.status("analyze", "junk.wav", "--meeting", meeting) == 20)
        let entries = try place.json("audit", "list")["entries"].array.compactMap { $0["position"].int }.max()
        let found = figures(try place.succeed("store", "metrics"))
        let states = found.filter { $0.key.hasPrefix("earmark_store_meetings{state=") }
        #expect(states.values.compactMap(Int.init).reduce(0, +) == 2)
        #expect(found["earmark_store_meetings_held"] == "1" && found["earmark_store_meetings_due"] == "0")
        #expect(found["earmark_store_bundles_out"] == "1")
        #expect(found["earmark_store_analyses_total"] == "1")
        #expect(found["earmark_store_audit_entries_total"] == entries.map(String.init))
        let size = try FileManager.default.attributesOfItem(atPath: place.file("store.db"))[.size] as? NSNumber
        #expect(found["earmark_store_size_bytes"] == size?.stringValue)
        // Released, it is due, and stays so until a command purges it.
        try place.succeed("retention", "release", held, "--yes")
        try place.succeed("store", "metrics", "--output", "store.prom")
        let later = figures(try place.text(of: "store.prom"))
        #expect(later["earmark_store_meetings_due"] == "1" && later["earmark_store_meetings_held"] == "0")
        let mode = try FileManager.default.attributesOfItem(atPath: place.file("store.prom"))[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o644)
        #expect(try place.json("retention", "status")["retention"]["due"].array.map(\.string) == [held])
    }
}
