// z of clients on a recording, whether they would be named or not: for calibration alone.
//
//     client-scores RECORDING FOLDER
//
// No answer of the program tells it (docs/statistics.md, section 11). FOLDER holds the tickets of a meeting; prints a
// JSON object of z by client, null for one that was not scored. The first track's sum, with the alignments of
// `--effort normal`, in a meeting of four hours.

import EarmarkAnalysis
import EarmarkDetect
import EarmarkFFTW
import EarmarkMark
import EarmarkMedia
import EarmarkService
import Foundation

func features(of path: String) throws -> FeatureMatrix {
    let policy = RecordingPolicy(maximumBytes: 1 << 30, minimumSeconds: 0)
    var analyzer = RecordingAnalyzer(transforms: FFTWProvider())
    _ = try RecordingDecoder(path: path, policy: policy).decode(track: 0, sampleRate: 16_000) { block in
        analyzer.append(block[channel: 0])
    }
    analyzer.finish()
    return analyzer.features
}

func run() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count == 2 else { throw CocoaError(.fileReadInvalidFileName) }
    let names = try FileManager.default.contentsOfDirectory(atPath: arguments[1]).sorted()
    let tickets = try names.filter { $0.hasSuffix(TicketFile.suffix) }.map {
        try TicketFile.read(arguments[1] + "/" + $0)
    }
    guard let first = tickets.first else { throw CocoaError(.fileNoSuchFile) }
    let hours = 14_400.0
    let detector = Detector(
        shared: first.seeds.shared, candidates: tickets.map(\.seeds.identity), log10Threshold: -9,
        expectedSeconds: hours, transforms: FFTWProvider())
    let breadth = SearchBreadth(tracks: 6, lines: 14, pilotless: 1, times: 128)
    var run = detector.begin(SearchBudget(channels: 1, breadth: breadth, expectedSeconds: hours))
    let features = try features(of: arguments[0])
    try run.add(features)
    try run.addWithoutPilot(features)
    let scores = zip(tickets.map(\.clientID), run.scores).map { ($0, $1.isFinite ? $1 : nil) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(Dictionary(uniqueKeysWithValues: scores))
    FileHandle.standardOutput.write(data + Data("\n".utf8))
}

do { try run() } catch {
    FileHandle.standardError.write(Data("client-scores: error: \(error)\n".utf8))
    exit(70)
}
