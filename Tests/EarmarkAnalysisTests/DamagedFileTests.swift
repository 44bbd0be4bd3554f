import EarmarkAnswer
import EarmarkDetect
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis
@testable import EarmarkMedia

/// What a file lost on its way is told in the answer, and the rest of it is examined.
@Suite struct DamagedFileTests {
    /// Overwrites the packets of the audio track `track`, those from `share` of them on, in the middle of each.
    private static func damage(_ path: String, track: Int, packets: (Int) -> Bool, in folder: ScratchFolder) throws {
        let listed = try folder.output(of: [
            "ffprobe", "-v", "error", "-select_streams", "a:\(track)", "-show_entries", "packet=pos,size", "-of",
            "csv=p=0", path,
        ])
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for (index, line) in listed.split(separator: "\n").enumerated() where packets(index) {
            let numbers = line.split(separator: ",").compactMap { Int($0) }
            guard numbers.count == 2 else { continue }
            for place in numbers[1]..<numbers[1] + numbers[0] { bytes[place] = 0xff }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private static func corrupt(_ path: String, track: Int) throws -> Int {
        try RecordingDecoder(path: path).decode(track: track, sampleRate: 16_000) { _ in }.corruptPackets
    }

    @Test func damagedPacketsOfAllTracksAreCounted() throws {
        let folder = try ScratchFolder()
        let marked = try RecordingFile.marked.get()
        let path = try RecordingFile.join([marked, marked], ["-c:a", "alac"], to: "two.m4a", in: folder)
        try DamagedFileTests.damage(path, track: 0, packets: { (100..<110).contains($0) }, in: folder)
        try DamagedFileTests.damage(path, track: 1, packets: { (100..<105).contains($0) }, in: folder)
        let lost = try (0...1).map { try DamagedFileTests.corrupt(path, track: $0) }
        #expect(lost[0] > lost[1] && lost[1] > 0)
        let examination = try RecordingFile.examine(path, effort: .fast)
        #expect(examination.corruptPackets == lost[0] + lost[1])
        #expect(examination.detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        #expect(abs(examination.seconds - SharedRecordings.seconds) < 0.1, "the longest track, not both together")
        #expect(!examination.isTruncated)
        let single = try folder.ffmpeg(["-i", marked, "-c:a", "alac"], to: "one.m4a")
        try DamagedFileTests.damage(single, track: 0, packets: { (100..<110).contains($0) }, in: folder)
        #expect(try RecordingFile.examine(single, effort: .fast).corruptPackets == lost[0])
        let whole = try RecordingFile.examine(marked, effort: .fast)
        #expect(whole.corruptPackets == 0 && !whole.isTruncated && whole.warnings.isEmpty)
    }

    @Test func whatTheDecoderRemarksIsPassedOnOnce() throws {
        let folder = try ScratchFolder()
        var samples = try SharedRecordings.copyOfFirst()
        for index in 1_000..<2_000 { samples[index] = .nan }
        let path = try RecordingFile.write([samples, samples], to: folder.file("nan.wav"), isFloat: true)
        let warnings = try RecordingFile.examine(path, effort: .fast).warnings
        #expect(warnings.count == 1 && warnings.first?.contains("2000 samples were no numbers") ?? false, "\(warnings)")
        let search = MeetingSearch(
            meetings: [TestKeys.shared()], candidates: 10, log10Threshold: -9, policy: .init(), effort: .fast)
        let result = try search.run(path: path) { _ in .init(candidates: [], expectedSeconds: nil) }
        #expect(result.matches.map(\.examination.warnings) == [warnings] && result.nearest.warnings == warnings)
    }

    @Test func anEndThatIsMissingIsTold() throws {
        let folder = try ScratchFolder()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: try RecordingFile.marked.get()))
        let path = folder.file("cut.wav")
        try bytes.prefix(bytes.count * 3 / 4).write(to: URL(fileURLWithPath: path))
        let examination = try RecordingFile.examine(path, effort: .fast)
        #expect(examination.isTruncated)
        #expect(abs(examination.seconds - SharedRecordings.seconds * 3 / 4) < 0.1)
        #expect(examination.byteCount == Int64(bytes.count * 3 / 4))
    }

    /// Whichever of the tracks of a file ends too early, or of the stretches that were read: it is told.
    @Test(arguments: [[true, false], [false, true], [false, false], [true, false, false]])
    func whicheverTrackEndsEarlyIsTold(cut: [Bool]) throws {
        let recording = try RecordingDecoder(path: try RecordingFile.marked.get())
        let track = try #require(recording.tracks.first)
        let empty = Detection(
            sources: [], log10Presence: 0, pilotScore: 0, pilotLevel: nil, expectation: .none, hypotheses: 1,
            candidates: 1)
        var (whole, stretches) = (
            Examination(recording, detection: empty), Examination(recording, detection: empty)
        )
        for (index, isTruncated) in cut.enumerated() {
            let summary = DecodeSummary(
                decodedFrames: Int64(16_000 * (index + 1)), sampleRate: 16_000, channels: 1, corruptPackets: index + 1,
                isTruncated: isTruncated, warnings: ["track \(index)"])
            whole.note(summary)
            stretches.take(summary, of: track)
        }
        for examination in [whole, stretches] {
            #expect(examination.isTruncated == cut.contains(true))
            #expect(examination.corruptPackets == (1...cut.count).reduce(0, +))
            #expect(examination.warnings == cut.indices.map { "track \($0)" })
        }
        #expect(whole.decodedSeconds == Double(cut.count))
        #expect(abs(stretches.decodedSeconds - SharedRecordings.seconds) < 0.01)
    }

    /// A track of which nothing decodes, or hardly anything behind its first packets, keeps nobody from the others.
    @Test(arguments: [0, 2]) func aTrackThatDoesNotDecode(whole: Int) throws {
        let folder = try ScratchFolder()
        let marked = try RecordingFile.marked.get()
        let path = try RecordingFile.join([marked, marked], ["-c:a", "alac"], to: "two.m4a", in: folder)
        try DamagedFileTests.damage(path, track: 0, packets: { $0 >= whole }, in: folder)
        let examination = try RecordingFile.examine(path, effort: .fast)
        #expect(examination.detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        #expect(abs(examination.seconds - SharedRecordings.seconds) < 0.1)
        let search = MeetingSearch(
            meetings: [TestKeys.shared()], candidates: 32, log10Threshold: -9, policy: .init(), effort: .fast)
        let result = try search.run(path: path) { _ in
            .init(candidates: TestKeys.identities(32), expectedSeconds: nil)
        }
        #expect(
            result.matches.map { $0.examination.detection.sources.map(\.candidate) } == [[SharedRecordings.clients[0]]])
        // Whoever looks is told that the first track was not examined.
        for file in [examination, result.nearest] + result.matches.map(\.examination) {
            #expect(file.tracks.map(\.position) == [1] && file.omitted.map(\.position) == [0])
            #expect(file.omitted.allSatisfy { $0.codec == "alac" && !$0.reason.isEmpty })
        }
    }
}
