public import ArgumentParser
public import EarmarkAnalysis
import EarmarkMedia
import EarmarkStore
import Foundation

extension Effort: ExpressibleByArgument {}

/// The command `earmark analyze`.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Find out which client of a meeting recorded a leaked file.",
        discussion: """
            Takes AAC, MP3, M4A, WAV, MP4, AVI and MOV, judged by content: at most 500 MB and more than 100 s of \
            audio, unless the organisation's settings say otherwise. Every answer is stored; see 'earmark analysis'.

            The verdict is 'identified', 'trace' (a mark so weak that it may be cross-talk), 'inconclusive' (the \
            meeting's mark without a client's) or 'not-found'. Each is a completed analysis with exit status 0. A refused \
            file ends with 20 to 27: 20 type, 21 too large, 22 too short, 23 no audio track, 24 video only, 25 \
            encrypted, 26 truncated, 27 corrupt.

              earmark analyze leak.mp4 --meeting m_4xkq2v7rj3nw6t5a
              earmark analyze leak.mp3 --meeting m_4xkq2v7rj3nw6t5a --json --name "Case 12"
              earmark analyze *.m4a --meeting m_4xkq2v7rj3nw6t5a --effort exhaustive
            """)

    @Argument(help: ArgumentHelp("The recordings.", valueName: "file"), completion: .file())
    var files: [String]

    @Option(help: "The meeting that the recordings may be of.")
    var meeting: String

    @Option(help: "How hard to look: fast, normal or exhaustive.")
    var effort = Effort.normal

    @Option(help: "A name for the analysis.")
    var name = ""

    @Option(help: ArgumentHelp("A note to keep with it.", valueName: "text"))
    var note = ""

    @Flag(help: "Analyse recordings that are shorter than the organisation's limit, too.")
    var allowShort = false

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var json: JSONFlag

    func run() throws {
        let store = try storeOptions.open()
        let subject = try store.analysisSubject(meeting)
        let session = AnalysisSession(store: store, subject: subject, effort: effort, allowShort: allowShort)
        let words = AnalysisWords(name: name, note: note)
        var outcomes: [FileOutcome] = []
        for (index, file) in files.enumerated() {
            let label = files.count > 1 ? "\(index + 1)/\(files.count) " : ""
            let progress = Progress("\(label)analysing \((file as NSString).lastPathComponent)", total: nil)
            let outcome = try session.analyse(file, words: words) { progress.update($0) }
            progress.finish()
            outcomes.append(outcome)
            if let refusal = outcome.refusal { Output.error("\(file): \(refusal.message)") }
        }
        let text = outcomes.compactMap(\.text).joined(separator: "\n\n----\n\n")
        if json.isOn {
            try Output.json(["analyses": outcomes])
        } else if !text.isEmpty {
            try Output.result(text)
        }
        if let status = outcomes.compactMap(\.refusal).first?.exitStatus { throw ExitCode(status.rawValue) }
    }
}
