import ArgumentParser
import EarmarkBatch
import EarmarkConsole
import EarmarkFiles
import Foundation

extension BatchCommand {
    /// The command `earmark batch merge`.
    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join result files, one line for each file and request, in order.",
            discussion: """
                Of several lines about the same file and request the last one stays. The lines are sorted by path, so \
                that the same results make the same file however they were come by. Parts must all be there, each once \
                and with its .list, finished, and of one batch; with --partial what they lack is only told.

                  earmark batch merge results.*-of-8.ndjson -o results.ndjson
                """)

        @Argument(help: ArgumentHelp("Result files.", valueName: "file"), completion: .file())
        var files: [String]

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create, with mode 0600.", valueName: "file"))
        var output: String

        @Flag(help: "Join what is there even if the batch is not whole.")
        var partial = false

        @OptionGroup var json: JSONFlag

        func run() throws {
            let merge = try BatchMerge(files, mayBePartial: partial)
            try merge.create(output)
            for problem in merge.problems { Output.message("earmark: warning: \(problem)") }
            let summary = BatchSummary(merge, path: output)
            try json.print(["batch": summary], human: summary.text)
        }
    }
}
