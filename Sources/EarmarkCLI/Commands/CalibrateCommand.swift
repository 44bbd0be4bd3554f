import ArgumentParser
import EarmarkAnalysis
import EarmarkConsole
import EarmarkDetect
import EarmarkFiles
import EarmarkMark
import EarmarkMedia
import EarmarkReport
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark calibrate`.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Hold the proven bound against made-up identities on real recordings.",
        discussion: """
            Draws identities that nobody has, scores them on the recordings as if they were candidates, and counts how \
            many pass each decade of the bound. The share may lie above a decade only as far as chance allows \
            (Clopper-Pearson, 99.9 %); otherwise the exit status is 1.

              earmark calibrate leak.m4a --meeting Board --decoys 1000000
              earmark calibrate *.wav --meeting Board --decoys 10000 --svg tail.svg --json
            """)

    @Argument(help: ArgumentHelp("The recordings.", valueName: "file"), completion: .file())
    var files: [String]

    @OptionGroup var meetingOption: MeetingOption

    @Option(help: "Decoys for each recording and alignment.")
    var decoys = 100_000

    @Option(help: "Start of the decoys' sequence; the same start gives the same decoys.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Where to write a plot of the tail.", valueName: "file"))
    var svg: String?

    @Flag(help: "Take recordings that are shorter than the organisation's limit, too.")
    var allowShort = false

    @OptionGroup var storeOptions: KeyedStoreOptions
    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        guard (1...1_000_000_000).contains(decoys) else { throw ValidationError("--decoys must be 1 to 1000000000.") }
    }

    func run() throws {
        try svg.map(PrivateFile.requireFolder)
        let store = try storeOptions.open()
        let subject = try store.analysisSubject(try meetingOption.meeting(in: store).id)
        let settings = subject.settings
        let examiner = Examiner(
            shared: subject.sharedSeeds, candidates: [], log10Threshold: settings.log10Threshold,
            policy: RecordingPolicy(
                maximumBytes: settings.maximumBytes,
                minimumSeconds: allowShort || settings.allowsShort ? 0 : settings.minimumSeconds),
            expectedSeconds: Double(subject.durationSeconds), worker: Earmark.decoders)
        var tail = DecoyTail()
        for (index, file) in files.enumerated() {
            let progress = Progress("\(index + 1)/\(files.count) \(FilePath.lastPart(file))", total: nil, unit: "s")
            // Another start for each file: the same decoys everywhere would not be independent.
            let state = seed &+ UInt64(index) &* 0x517c_c1b7_2722_0a95
            tail.add(try examiner.decoyTail(path: file, decoys: decoys, state: state) { progress.update($0, of: $1) })
            progress.finish()
        }
        let view = CalibrationSummary(tail, recordings: files.count)
        try json.print(["calibration": view], human: view.text)
        try svg.map { try PrivateFile.replace($0, bytes: Array(CalibrationPlot(tail).svg.utf8)) }
        if !view.holds { throw ExitCode(ExitStatus.internalError.rawValue) }
    }
}
