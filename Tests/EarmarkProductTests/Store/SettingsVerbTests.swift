import Foundation
import ProgramSupport
import Testing

/// `earmark settings --help` and docs/file-formats.md: every setting is shown, set, bounded, and has its effect.
@Suite struct SettingsVerbTests {
    private static let keys = ["watermarking", "retention", "max-bytes", "min-seconds", "threshold", "allow-short"]
    private static let defaults = ["on", "360", "500000000", "100", "1e-9", "off"]

    private func values(_ store: StorePlace, _ arguments: String...) throws -> [String: String] {
        StorePlace.values(try store.place.succeed(["settings", "get"] + arguments))
    }

    @Test func everySettingIsShown() throws {
        let store = try StorePlace()
        let expected = Dictionary(uniqueKeysWithValues: zip(Self.keys, Self.defaults))
        #expect(try values(store).filter { $0.key != "SETTING" } == expected)
        for (key, value) in expected {
            #expect(try store.place.succeed("settings", "get", key) == value + "\n")
        }
        let settings = try store.place.json("settings", "get")["settings"]
        #expect(settings["watermarking"].bool == true && settings["allowShort"].bool == false)
        #expect(settings["retentionDays"].int == 360 && settings["maximumBytes"].int == 500_000_000)
        #expect(settings["minimumSeconds"].double == 100 && settings["log10Threshold"].double == -9)
    }

    /// Each changes itself alone, in the organisation that is named alone, and is taken at its limits and not beyond.
    @Test(arguments: [
        ("watermarking", ["off", "on"], ["maybe", "ON", ""]),
        ("retention", ["0", "36500"], ["-1", "36501", "1.5", "soon"]),
        ("max-bytes", ["1", "1000000000000"], ["0", "1000000000001", "x"]),
        ("min-seconds", ["0", "0.5", "86400"], ["-0.5", "86400.5", "nan", "inf"]),
        ("threshold", ["1e-3", "1e-70"], ["0.0011", "1e-71", "0", "1", "nan"]),
        ("allow-short", ["on", "off"], ["1", "yes"]),
    ]) func eachSettingIsBounded(key: String, fit: [String], unfit: [String]) throws {
        let store = try StorePlace()
        try store.place.succeed("org", "add", "Other")
        let before = try values(store, "--org", "Example Ltd")
        for value in fit {
            try store.place.succeed("settings", "set", key, value, "--org", "Other")
            var expected = before
            expected[key] = value
            #expect(try values(store, "--org", "Other") == expected)
        }
        let last = try values(store, "--org", "Other")
        for value in unfit {
            let result = try store.place.run("settings", "set", key, "--org", "Other", "--", value)
            #expect(result.exitStatus == 65 && result.errors.contains(key), "\(value): \(result.errors)")
        }
        #expect(try values(store, "--org", "Other") == last)
        #expect(try values(store, "--org", "Example Ltd") == before)
    }

    /// A logarithm is taken as well, and shown where it is no whole number.
    @Test func thresholdsAreProbabilitiesOrTheirLogarithms() throws {
        let store = try StorePlace()
        for (value, shown) in [("1e-12", "1e-12"), ("-12", "1e-12"), ("-9.5", "-9.5")] {
            try store.place.succeed("settings", "set", "threshold", "--", value)
            #expect(try store.place.succeed("settings", "get", "threshold") == shown + "\n")
        }
        #expect(try store.status("settings", "set", "threshold", "--", "-2.9") == 65)
    }

    /// Two seconds of silence against the limits: status 21, 22, or analysed.
    @Test func limitsDecideWhatIsAnalysed() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let path = store.place.folder.url.appendingPathComponent("a.wav")
        let file = Media.wav([[Float](repeating: 0, count: 32_000)], rate: 16_000)
        try file.write(to: path)
        func status(_ key: String, _ value: String) throws -> Int32 {
            try store.place.succeed("settings", "set", key, value)
            return try store.status("analyze", "a.wav", "--meeting", meeting)
        }
        #expect(try status("min-seconds", "2") == 22, "recordings must be longer")
        #expect(try status("min-seconds", "1.9") == 0)
        #expect(try status("max-bytes", "\(file.count - 1)") == 21)
        #expect(try status("max-bytes", "\(file.count)") == 0)
        #expect(try status("min-seconds", "100") == 22)
        #expect(try status("allow-short", "on") == 0)
        #expect(try status("allow-short", "off") == 22)
        #expect(try store.status("analyze", "a.wav", "--meeting", meeting, "--allow-short") == 0)
        #expect(try status("watermarking", "off") == 12)
    }

    /// `init --retention` and `org add --retention`; names are unique in whatever case.
    @Test func organisationsBeginWithTheirRetention() throws {
        let store = try StorePlace("--retention", "90")
        let added = try store.place.json("org", "add", "Other", "--retention", "0")["organisation"]
        #expect(added["name"].string == "Other" && added["settings"]["retentionDays"].int == 0)
        #expect(added["id"].string?.wholeMatch(of: /o_[a-z2-7]{16}/) != nil)
        #expect(try store.status("org", "add", "OTHER") == 73)
        #expect(try store.status("org", "add", "Third", "--retention", "36501") == 65)
        try store.place.succeed("org", "domain", "add", "Example.ORG", "--org", "other")
        try store.place.succeed("org", "domain", "add", "a.example", "--org", "other")
        #expect(try store.status("org", "domain", "add", "example.org", "--org", "Example Ltd") == 73)
        let list = try store.place.json("org", "list")["organisations"].array
        #expect(list.map { $0["name"].string } == ["Example Ltd", "Other"])
        #expect(list.map { $0["settings"]["retentionDays"].int } == [90, 0])
        #expect(list[1]["domains"].array.map(\.string) == ["a.example", "example.org"])
        let rows = StorePlace.rows(try store.place.succeed("org", "list"))
        #expect(rows.map { Array($0.dropFirst()) } == [["Example Ltd", "-"], ["Other", "a.example, example.org"]])
    }
}
