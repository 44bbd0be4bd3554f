// A front end in one page: enrols a meeting, marks a recording as one client would, finds that client again, and writes
// the report. It uses public products alone.
//
//     swift run -c release front-end speech.wav FOLDER
//
// FOLDER gets the store, the marked recording and report.html; speech.wav must be longer than 100 s.

import EarmarkAnswer
import EarmarkDetect
import EarmarkEmbed
import EarmarkFFTW
import EarmarkMark
import EarmarkMedia
import EarmarkReport
import EarmarkService
import EarmarkStore
import Foundation

// Recordings are hostile until proven otherwise: they are decoded by this program once more, without any rights.
let decoderVerb = "serve-decoders"
if CommandLine.arguments.dropFirst().first == decoderVerb { exit(DecoderServer.run(mayBeUnconfined: false)) }

guard CommandLine.arguments.count == 3 else {
    print("usage: front-end RECORDING FOLDER")
    exit(64)
}
let recording = CommandLine.arguments[1]
let folder = URL(fileURLWithPath: CommandLine.arguments[2], isDirectory: true)
func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

/// White noise, mono.
func noise(seconds: Int) -> [Float] {
    var generator = SystemRandomNumberGenerator()
    return (0..<(seconds * Detector.sampleRate)).map { _ in Float.random(in: -0.1...0.1, using: &generator) }
}

// A store, and a meeting with three clients.
let context = ServiceContext(
    decoder: DecoderWorker(executable: "/proc/self/exe", arguments: [decoderVerb]),
    actor: AuditActor(name: "front end"),
    word: { hint in
        switch hint {
        case .otherMeetings: "Search the organisation's other meetings, too."
        }
    })
let service = try Service.create(
    at: StoreLocation(store: path("store.db")), organisation: "Example Ltd", context: context)
let roster = ["Ada", "Bela", "Cara"].map { name in
    RosterEntry(
        participant: name, email: "\(name.lowercased())@example.org", device: "laptop", kind: .desktop)
}
let meeting = try service.enrol(MeetingDraft(title: "Board", startsAt: Store.systemClock()), roster: roster)

// Marking a file: a ticket, a marker, the file.
let ticket = try service.issueTicket(meeting: meeting.id, client: "bela@example.org")
let marker = FileMarker(seeds: ticket.seeds, strength: .standard, startSeconds: 60)
_ = try marker.mark(PCMInput.open(path: recording), to: path("leak.wav"))

// Analysing a file: the service, the file, the answer.
let outcome = try service.analyse(path("leak.wav"), meeting: meeting.id, label: AnalysisLabel(name: "Case 1"))
guard let answer = outcome.answer, let id = outcome.id else {
    print(outcome.refusal?.message ?? "nothing was stored")
    exit(1)
}
print(answer.summary)
try Data(HTMLReport(service.storedAnswer(id)).text.utf8).write(to: folder.appendingPathComponent("report.html"))

// The same without files: samples are marked in three calls, and analysed in three.
var samples: [Float] = noise(seconds: 120)
guard
    var embedder = Embedder(
        seeds: ticket.seeds,
        parameters: .init(sampleRate: Double(Detector.sampleRate), channels: 1, strength: .standard))
else { exit(1) }
embedder.setTime(60)
samples.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: $0.count) }

let detector = Detector(
    shared: ticket.seeds.shared, candidates: [ticket.seeds.identity], log10Threshold: -9, transforms: FFTWProvider())
var run = detector.begin(SearchBudget(channels: 1))
try run.add(channel: samples)
let isFound = run.finish().sources.map(\.candidate) == [0]

exit(answer.sources.map(\.email) == ["bela@example.org"] && isFound ? 0 : 1)
