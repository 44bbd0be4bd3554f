import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// A folder with a store of two meetings and small recordings in `in`, to run batches in.
struct BatchPlace {
    /// What takes a batch the least time.
    static let quick = ["--allow-short", "--effort", "fast"]
    /// Length of the small recordings, seconds.
    static let seconds = 3

    private static let made = Result { try Made() }

    private struct Made: Sendable {
        let place: Workplace
        let first: String
        let second: String

        init() throws {
            let place = try Workplace()
            self.place = place
            try place.succeed("init", "--org", "Example Ltd")
            try place.write("participant,email,device\nAda Abbott,ada@example.org,laptop\n", to: "roster.csv")
            let start = Board.time(Int(Date().timeIntervalSince1970) - 3_600)
            func meeting(_ title: String) throws -> String {
                let made = try place.json(
                    "meeting", "create", "--title", title, "--start", start, "--roster", place.file("roster.csv"))
                return try #require(made["meeting"]["id"].string)
            }
            first = try meeting("First")
            second = try meeting("Second")
        }
    }

    let place: Workplace
    /// Identifiers of the meetings.
    let first: String
    let second: String

    /// With the recordings `in/NAME` for `names`, each of a content of its own.
    init(_ names: String...) throws {
        let made = try BatchPlace.made.get()
        place = try Workplace(copyOf: made.place.folder)
        first = made.first
        second = made.second
        try FileManager.default.createDirectory(atPath: place.file("in"), withIntermediateDirectories: true)
        for (index, name) in names.enumerated() { try add("in/\(name)", seed: index + 1) }
    }

    /// Writes a small recording whose content `seed` decides.
    func add(_ name: String, seed: Int, seconds: Int = BatchPlace.seconds) throws {
        try write(BatchPlace.wave(seed: seed, seconds: seconds), to: name)
    }

    func write(_ data: Data, to name: String) throws {
        let path = place.file(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: path))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: place.file(name)) }

    /// Noise at 8 kHz, one channel.
    static func wave(seed: Int, seconds: Int = BatchPlace.seconds) -> Data {
        var state = UInt64(seed)
        let samples = (0..<seconds * 8_000).map { _ -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) - 0.5
        }
        return Media.wav([samples], rate: 8_000)
    }

    /// Runs a quick batch with results in `out`; whether it succeeds is for the caller to judge.
    @discardableResult
    func batch(
        _ inputs: [String], out: String = "r.ndjson", meeting: String? = nil, _ more: [String] = []
    ) throws -> ProcessRunner.Result {
        let about = meeting.map { ["--meeting", $0] } ?? []
        return try place.run(["batch"] + inputs + ["--out", out] + about + BatchPlace.quick + more)
    }

    /// The summary of a quick batch.
    func summary(
        _ inputs: [String], out: String = "r.ndjson", meeting: String? = nil, _ more: [String] = []
    ) throws -> JSON {
        try JSON(text: try batch(inputs, out: out, meeting: meeting, more + ["--json"]).text)["batch"]
    }

    /// What a batch would take, and its exit status.
    func plan(_ arguments: [String], out: String = "r.ndjson") throws -> (plan: JSON, exitStatus: Int32) {
        let result = try place.run(["batch"] + arguments + ["--out", out, "--dry-run", "--json"])
        guard !result.text.isEmpty else { throw ProcessRunner.Failure(description: result.errors) }
        return (try JSON(text: result.text)["plan"], result.exitStatus)
    }

    /// Paths that a batch of the first meeting would take.
    func paths(_ inputs: String..., include: [String] = [], out: String = "r.ndjson") throws -> [String] {
        let arguments = inputs + ["--meeting", first] + include.flatMap { ["--include", $0] }
        return try plan(arguments, out: out).plan["files"].array.compactMap(\.["path"].string)
    }

    /// The lines of a result file in their order.
    func lines(_ name: String = "r.ndjson") throws -> [JSON] {
        let text = try place.text(of: name)
        try #require(text.isEmpty || text.hasSuffix("\n"), "half a line")
        return try text.split(separator: "\n").map { try JSON(text: $0) }
    }

    /// Lines without what differs from run to run, sorted.
    func content(_ name: String = "r.ndjson") throws -> [String] {
        try lines(name).map { line in
            var members = line.value as? [String: Any] ?? [:]
            members["id"] = nil
            members["date"] = nil
            members["made"] = nil
            return String(
                decoding: try JSONSerialization.data(withJSONObject: members, options: .sortedKeys), as: UTF8.self)
        }.sorted()
    }

    /// Stored analyses, refusals included.
    func stored() throws -> [JSON] { try place.json("analysis", "list")["analyses"].array }
}

extension Sequence<JSON> {
    /// The last of the lines about `path`.
    func last(about path: String) -> JSON { Array(self).last { $0["path"].string == path } ?? JSON(nil) }
}
