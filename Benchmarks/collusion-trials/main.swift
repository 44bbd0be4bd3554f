// Collusions and rooms by the thousand: are all colluders named, and nobody else?
//
//     collusion-trials FOLDER [MIXES [CROWDS [SEED [KIND...]]]]
//
// Takes the recordings of FOLDER in turn and makes MIXES (default 250) joins of each kind, each with clients, delays
// and rooms of its own, through ffmpeg's AAC. The features of a mix are searched once, as they do not depend on who
// took part, and scored against CROWDS (default 10) crowds of 1,000 clients: the colluders and innocents that are drawn
// afresh. A crowd is a trial, with threshold 1e-9 and the hypotheses of `--effort normal`. pilotRemoved and
// sharedRemoved, which have to be named, take out what all clients share; the latter is searched with `--effort
// exhaustive`, a minute a crowd. Prints a table.

import EarmarkAnalysis
import EarmarkAnswer
import EarmarkDetect
import EarmarkFFTW
import EarmarkMark
import EarmarkMedia
import Foundation

/// Counts of one kind.
struct Tally {
    var mixes = 0
    var trials = 0
    var allNamed = 0
    var someNamed = 0
    var traces = 0
    var innocents = 0
    var highestInnocentZ = 0.0
    var leastColluderZ = Double.infinity

    mutating func count(_ detection: Detection, scores: [Double], colluders: Int) {
        trials += 1
        var named = 0
        for (source, judgement) in zip(detection.sources, CrossTalk.judgements(detection.sources)) {
            if source.candidate >= colluders {
                innocents += 1
            } else if judgement == .recorded {
                named += 1
                leastColluderZ = min(leastColluderZ, source.z)
            } else {
                traces += 1
            }
        }
        allNamed += named == colluders ? 1 : 0
        someNamed += named > 0 ? 1 : 0
        highestInnocentZ = max(highestInnocentZ, scores.dropFirst(colluders).max() ?? 0)
    }

    func row(_ kind: Kind) -> String {
        func share(_ count: Int) -> String { String(format: "%.1f %%", 100 * Double(count) / Double(max(1, trials))) }
        return
            "| \(kind) | \(mixes) | \(trials) | \(share(allNamed)) | \(share(someNamed)) | \(traces) | \(innocents) | "
            + String(format: "%.2f | %.2f |", highestInnocentZ, leastColluderZ)
    }
}

/// The clients of a trial's crowd.
let crowdSize = 1_000

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
    let arguments = CommandLine.arguments.dropFirst()
    guard let folder = arguments.first else {
        throw Failure(description: "usage: collusion-trials FOLDER [MIXES [CROWDS [SEED [KIND...]]]]")
    }
    let numbers = arguments.dropFirst().prefix(3).compactMap { UInt64($0) }
    let mixes = Int(numbers.first ?? 250)
    let crowds = Int(numbers.dropFirst().first ?? 10)
    var draw = Draw(state: numbers.dropFirst(2).first ?? 1)
    let chosen = arguments.dropFirst(4).compactMap(Kind.init(rawValue:))
    let kinds = chosen.isEmpty ? Kind.allCases.filter { !$0.isRemoval } : chosen

    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("collusion-trials-\(getpid())")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let shared = SharedSeeds(pilot: try draw.seed(), timeline: try draw.seed())
    let mixer = Mixer(folder: scratch, shared: shared)
    let paths = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { folder + "/" + $0 }
    let recordings = try paths.map(mixer.clean)
    guard !recordings.isEmpty else { throw Failure(description: "'\(folder)' is empty") }

    // Effort `normal` on a mono file: 6 paths, 14 lines and one alignment without the pilot, and as many for one change
    // of speed.
    let hours = 14_400.0
    let empty = Detector(
        shared: shared, candidates: [], log10Threshold: -9, expectedSeconds: hours, transforms: FFTWProvider())
    func budget(_ breadth: SearchBreadth) -> SearchBudget {
        SearchBudget(channels: 1, warps: 1, breadth: breadth, expectedSeconds: hours)
    }
    let normal = budget(SearchBreadth(tracks: 6, lines: 14, pilotless: 1, times: 128))
    let exhaustive = budget(
        SearchBreadth(tracks: 12, lines: 24, pilotless: 3, times: 512, triesEveryFrame: true))
    var tallies = kinds.map { (kind: $0, tally: Tally()) }
    for number in 0..<mixes {
        for index in tallies.indices {
            let kind = tallies[index].kind
            let budget = kind == .sharedRemoved ? exhaustive : normal
            let clients = try (0..<kind.clients).map { _ in try draw.seed() }
            let clean = recordings[number % recordings.count]
            let features = try features(of: try mixer.mix(kind, clean, clients: clients, &draw))
            let located = empty.begin(budget).locate(features)
            tallies[index].tally.mixes += 1
            for _ in 0..<crowds {
                let innocents = try (kind.clients..<crowdSize).map { _ in try draw.seed() }
                var run = empty.with(candidates: clients + innocents, tags: []).begin(budget)
                try run.add(features, located: located)
                try run.addWithoutPilot(features)
                tallies[index].tally.count(
                    run.finish(), scores: run.scores, colluders: kind.clients)
            }
        }
        FileHandle.standardError.write(Data("\r\(number + 1) of \(mixes)".utf8))
    }
    FileHandle.standardError.write(Data("\n".utf8))
    print(
        "| kind | mixes | trials | all named | at least one | traces | innocents | innocents' highest z "
            + "| named clients' lowest z |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for entry in tallies { print(entry.tally.row(entry.kind)) }
}

do { try run() } catch {
    FileHandle.standardError.write(Data("collusion-trials: error: \(error)\n".utf8))
    exit(70)
}
