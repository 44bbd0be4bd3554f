import Foundation
import ProgramSupport
import Testing

/// docs/statistics.md, section 8, and `earmark calibrate --help`: made-up identities against c Q(z), decade by decade.
@Suite struct CalibrateTests {
    /// A cut of Bela's recording, and what was found on it.
    private struct Case {
        let place: Workplace
        let meeting: String

        init() throws {
            let board = try Board.shared()
            place = try board.workplace()
            meeting = board.meeting
            for (name, file) in [("bela", board.bela), ("cara", board.cara)] {
                try place.ffmpeg(["-ss", "20", "-t", "24", "-i", file], to: "\(name).wav")
            }
        }

        func run(_ arguments: String...) throws -> ProcessRunner.Result {
            try place.run(["calibrate", "--meeting", meeting] + arguments)
        }

        func tail(_ arguments: String...) throws -> JSON {
            let all = ["calibrate", "--meeting", meeting, "--allow-short", "--decoys", "\(CalibrateTests.decoys)"]
            return try place.json(all + arguments)["calibration"]
        }
    }

    private static let decoys = 20_000
    private static let made = Result { try Case() }
    nonisolated(unsafe) private static let bela = Result { try made.get().tail("bela.wav") }

    /// log10 of c Q(z), from the theorem: c = 1 / (4 Q(root of 2)); a chance is at most 1.
    private static func bound(_ z: Double) -> Double {
        min(0, log10(0.5 * erfc(z / 2.0.squareRoot()) / (4 * 0.5 * erfc(1.0))))
    }

    private func counts(_ tail: JSON) -> [Int] { tail["levels"].array.compactMap(\.["decoys"].int) }

    @Test func eachDecadeHasTheZOfItsBound() throws {
        let levels = try Self.bela.get()["levels"].array
        #expect(levels.count >= 5)
        for (index, level) in levels.enumerated() {
            #expect(level["log10Bound"].int == -index)
            #expect(abs(Self.bound(level["z"].double ?? 0) + Double(index)) < 1e-6, "\(index)")
        }
    }

    /// The scores of innocent identities are nearly normal.
    @Test func decoysAreCountedBeyondEachDecade() throws {
        let tail = try Self.bela.get()
        let total = tail["decoys"].int ?? 0
        #expect(total > 0 && total % Self.decoys == 0, "some decoys for each alignment")
        for (index, level) in tail["levels"].array.enumerated() {
            let count = Double(level["decoys"].int ?? -1)
            let expected = Double(total) * 0.5 * erfc((level["z"].double ?? 0) / 2.0.squareRoot())
            #expect(abs(count - expected) < 5 * expected.squareRoot() + 6, "\(index): \(count) of \(expected)")
            #expect(abs((level["share"].double ?? -1) - count / Double(total)) < 1e-12)
            #expect(level["holds"].bool == true)
        }
        #expect(tail["holds"].bool == true && tail["recordings"].int == 1)
        // One level beyond the last that a decoy reached.
        #expect(counts(tail).last == 0 && counts(tail).dropLast().allSatisfy { $0 > 0 })
    }

    @Test func theSameStartGivesTheSameDecoys() throws {
        let made = try Self.made.get()
        let first = counts(try Self.bela.get())
        #expect(try counts(made.tail("bela.wav", "--seed", "1")) == first)
        #expect(try counts(made.tail("bela.wav", "--seed", "2")) != first)
    }

    @Test func severalRecordingsAddUp() throws {
        let made = try Self.made.get()
        let one = try Self.bela.get()
        let plot = made.place.file("tail.svg")
        let both = try made.tail("bela.wav", "bela.wav", "--svg", plot)
        #expect(both["recordings"].int == 2 && both["decoys"].int == 2 * (one["decoys"].int ?? 0))
        // The second has decoys of its own.
        #expect(zip(counts(both), counts(one)).contains { $0 != 2 * $1 } && counts(both)[0] > counts(one)[0])
        try expectPlot(try made.place.text(of: "tail.svg"), both)
    }

    /// Points at their decade and share, none above the line of the bound.
    private func expectPlot(_ svg: String, _ tail: JSON) throws {
        func numbers(_ element: String, _ names: [String]) -> [Double] {
            names.compactMap { name in
                ReportPage.between(" \(name)=\"", "\"", element).first.flatMap { Double($0) }
            }
        }
        let labels = ReportPage.between("<text", "</text>", svg).filter { $0.contains(">1e-") }
        let across = labels.filter { (numbers($0, ["x"]).first ?? 0) > 30 }.map { numbers($0, ["x"])[0] + 12 }
        let down = labels.filter { (numbers($0, ["x"]).first ?? 99) < 30 }.map { numbers($0, ["y"])[0] - 4 }
        let line = numbers(try #require(ReportPage.between("<line", "/>", svg).last), ["x1", "y1", "x2", "y2"])
        let points = ReportPage.between("<circle", "/>", svg).map { numbers($0, ["cx", "cy"]) }
        let levels = tail["levels"].array.filter { ($0["decoys"].int ?? 0) > 0 }
        let corner = [across.first, down.first, across.last, down.last]
        #expect(line == corner.compactMap { $0 } && points.count == levels.count && across.count == down.count)
        for (index, level) in levels.enumerated() {
            let decades = -log10(level["share"].double ?? 1)
            #expect(abs(points[index][0] - across[index]) < 0.1)
            #expect(abs(points[index][1] - (down[0] + decades * (down[1] - down[0]))) < 0.1)
        }
        #expect(svg.contains("Share of \(tail["decoys"].int ?? 0) decoys"))
    }

    @Test func theTextHasTheSameFigures() throws {
        let made = try Self.made.get()
        let tail = try Self.bela.get()
        let text = try made.run("bela.wav", "--allow-short", "--decoys", "\(Self.decoys)").text
        #expect(text.hasPrefix("\(tail["decoys"].int ?? 0) decoys on 1 recording: the bound holds.\n\n"))
        let rows = text.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ").map(String.init) }
        for (row, level) in zip(rows, tail["levels"].array) {
            #expect(row[0] == "1e\(level["log10Bound"].int ?? 1)" && row[2] == "\(level["decoys"].int ?? -1)")
            #expect(abs((Double(row[1]) ?? 0) - (level["z"].double ?? 9)) < 0.006 && row[4] == "yes")
            #expect(abs((Double(row[3]) ?? 9) - (level["share"].double ?? 0)) <= 0.006 * (level["share"].double ?? 0))
        }
        #expect(rows.count == tail["levels"].array.count)
    }

    @Test func shortRecordingsAndUnfitRequestsAreRefused() throws {
        let made = try Self.made.get()
        #expect(try made.run("bela.wav").exitStatus == 22)
        for count in ["0", "1000000001", "-1"] { #expect(try made.run("bela.wav", "--decoys", count).exitStatus == 64) }
        #expect(try made.run("none.wav").exitStatus == 66)
        #expect(try made.place.run("calibrate", "bela.wav", "--meeting", "m_nope").exitStatus == 66)
        let unwritten = try made.run("bela.wav", "--allow-short", "--decoys", "1", "--svg", "no/folder/tail.svg")
        #expect(unwritten.exitStatus == 74 && unwritten.errors.contains("mkdir -p no/folder"))
        #expect(unwritten.text.isEmpty, "nothing was done for a plot that has no place")
        let other = try Workplace(copyOf: made.place.folder)
        try other.succeed("settings", "set", "allow-short", "on")
        let allowed = ["calibrate", "--meeting", made.meeting, made.place.file("bela.wav"), "--decoys", "10"]
        #expect(try other.run(allowed).exitStatus == 0)
    }

    /// A handful of decoys with one beyond 1e-4 contradicts the bound at 99.9 %.
    ///
    /// Decoys come from one sequence, so one that is found far out is found again by starting there.
    @Test func aContradictedBoundIsReported() throws {
        let made = try Self.made.get()
        func far(_ count: Int) throws -> Int {
            let all = ["calibrate", "--meeting", made.meeting, "--allow-short", "--decoys", "\(count)", "bela.wav"]
            let levels = try made.place.json(all)["calibration"]["levels"].array
            return levels.count > 4 ? levels[4]["decoys"].int ?? 0 : 0
        }
        var (low, high) = (0, 16_384)
        while try far(high) == 0 { (low, high) = (high, 2 * high) }
        while high - low > 1 {
            let middle = (low + high) / 2
            if try far(middle) > 0 { high = middle } else { low = middle }
        }
        // Four words of SplitMix64 make a seed of 32 bytes.
        let start = 1 &+ UInt64(high - 1) &* 4 &* 0x9e37_79b9_7f4a_7c15
        let result = try made.run("bela.wav", "--allow-short", "--decoys", "1", "--seed", "\(start)")
        #expect(result.exitStatus == 1 && result.text.contains("THE BOUND IS CONTRADICTED."))
        let rows = result.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.first { $0[0] == "1e-4" }?.last == "NO" && rows.first { $0[0] == "1e0" }?.last == "yes")
    }
}
