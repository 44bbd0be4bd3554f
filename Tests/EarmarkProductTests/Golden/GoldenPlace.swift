import Foundation
import ProgramSupport

/// A store with fixed keys and what an earlier build said of recordings of its meeting: Golden/Files.
///
/// With EARMARK_RECORD=1 in the environment the tests write these files instead of reading them. They belong together:
/// a new store has new keys, so that all answers change. Meetings are of 2026 and kept for a hundred years.
final class GoldenPlace: Sendable {
    /// A recording of the meeting, and what is asked about it.
    struct Case: Sendable {
        let name: String
        /// Shares of marks in the unmarked sound.
        let parts: [(share: Float, who: String, time: Double)]
        var arguments = ["--meeting", "MEETING"]
    }

    /// Whether store and all are written anew; with the value `answers` the store stays.
    static let isRecording = mode == "1"
    static let isWriting = mode == "1" || mode == "answers"
    private static let mode = ProcessInfo.processInfo.environment["EARMARK_RECORD"]
    static let files = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Files")

    static let cases = [
        Case(name: "two", parts: [(0.8, "bela", 0), (0.2, "cara", 0)]),
        Case(name: "echo", parts: [(1, "bela", 0), (0.13, "cara", -0.3)]),
        Case(name: "weak", parts: [(1, "stranger", 0), (0.15, "ada", 0)]),
        Case(name: "stranger", parts: [(0.3, "stranger", 0)]),
        Case(name: "none", parts: []),
        Case(name: "search", parts: [(1, "room", 0)], arguments: ["--any-meeting"]),
        Case(name: "search-none", parts: [], arguments: ["--any-meeting", "--since", "2026-03-01T00:00Z"]),
        Case(name: "copy", parts: [(0.5, "cara", 0)], arguments: ["--meeting", "MEETING", "--reference", "none.wav"]),
    ]

    /// Meeting time of the first sample, seconds.
    private static let start = 1_234.5
    private static let rate = 16_000

    let place: Workplace
    /// Identifier of the meeting.
    let meeting: String
    private let host: [Float]

    /// A folder with a copy of the kept store and the recordings.
    init() throws {
        place = try Workplace()
        if GoldenPlace.isRecording {
            try GoldenPlace.makeStore(place)
        } else {
            try GoldenPlace.copyStore(to: place)
        }
        let meetings = try place.json("meeting", "list")["meetings"].array
        meeting = meetings.first { $0["title"].string == "Board" }?["id"].string ?? ""
        host = GoldenPlace.sound(seconds: 110)
        try Media.wav([host], rate: GoldenPlace.rate).write(to: place.folder.url.appendingPathComponent("none.wav"))
        try place.write("no recording", to: "text.wav")
        var marked: [String: [Float]] = [:]
        for item in GoldenPlace.cases {
            var samples = host
            for (share, who, time) in item.parts {
                let copy = try marked[who + "\(time)"] ?? mark(who, time)
                marked[who + "\(time)"] = copy
                for index in samples.indices { samples[index] += share * (copy[index] - host[index]) }
            }
            try Media.wav([samples], rate: GoldenPlace.rate)
                .write(to: place.folder.url.appendingPathComponent(item.name + ".wav"))
        }
    }

    private func mark(_ who: String, _ time: Double) throws -> [Float] {
        let name = "\(who)\(time).wav"
        let ticket = GoldenPlace.files.appendingPathComponent("stranger.ticket").path
        let identity =
            who == "stranger" ? ["--ticket", ticket] : ["--meeting", meeting, "--client", "\(who)@example.org"]
        try place.succeed(["embed", "none.wav", name, "--at", "\(GoldenPlace.start + time)"] + identity)
        return try Mixes.samples(place.file(name))
    }

    /// Puts a copy of the kept store into `place`.
    static func copyStore(to place: Workplace) throws {
        // A store of before rows were sealed has nothing that remembers the log's length.
        for name in ["store.db", "store.db.key", "store.db.key.head"]
        where FileManager.default.fileExists(atPath: files.appendingPathComponent(name).path) {
            let target = place.file(name)
            try FileManager.default.copyItem(atPath: files.appendingPathComponent(name).path, toPath: target)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
        }
    }

    private static func makeStore(_ place: Workplace) throws {
        try place.succeed("init", "--org", "Example Ltd")
        try place.succeed("settings", "set", "retention", "36500")
        var roster = "participant,email,device,kind\n"
        for row in Board.rows { roster += "\(row.participant),\(row.email),\(row.device),\(row.kind)\n" }
        roster += "\"Odd & \"\"Sons\"\" <b>\",odd@example.org,laptop,desktop\n"
        try place.write(roster, to: "roster.csv")
        for (title, start) in [("Board", "2026-03-02T09:00:00Z"), ("Other", "2026-03-03T09:00:00Z")] {
            try place.succeed(
                "meeting", "create", "--title", title, "--start", start, "--duration", "2h", "--roster", "roster.csv")
        }
        // A client of the meeting that this store does not know.
        let other = try Workplace(copyOf: place.folder)
        let meetings = try other.json("meeting", "list")["meetings"].array
        let meeting = meetings.first { $0["title"].string == "Board" }?["id"].string ?? ""
        try other.succeed(
            "client", "add", "--meeting", meeting, "--participant", "Nobody", "--email", "zed@example.org", "--device",
            "laptop")
        let ticket = files.appendingPathComponent("stranger.ticket")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: ticket)
        try other.succeed("ticket", "issue", "--meeting", meeting, "--client", "zed@example.org", "-o", ticket.path)
    }

    /// Noise in syllables, from whole numbers alone: the same samples on every machine.
    private static func sound(seconds: Int) -> [Float] {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count))
        }
        var samples: [Float] = []
        var low = 0
        while samples.count < seconds * rate {
            let length = 1_600 + random(3_200)
            let peak = random(8) == 0 ? 4 : 64 + random(192)
            for index in 0..<length {
                // Less of high frequencies, as in speech.
                low += (random(65_536) - 32_768 - low) / 3
                let envelope = peak * min(index, length - index) * 2 / length
                samples.append(Float(low * envelope / 1_024) / 32_768)
            }
        }
        return Array(samples[..<(seconds * rate)])
    }
}
