import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkService
import EarmarkStore

extension StoreCommand {
    /// The command `earmark store metrics`.
    struct Metrics: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print figures of the store for Prometheus.",
            discussion: """
                In its text format; with --output for the textfile collector of its node exporter. No figure names \
                anybody. Nothing is purged for it.

                  earmark store metrics --output \\
                    /var/lib/prometheus/node-exporter/earmark.prom
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("File of figures, mode 0644.", valueName: "file"))
        var output: String?

        @OptionGroup var storeOptions: StoreOptions

        func run() throws {
            let target = try output.map { try MetricsTarget($0, besides: storeOptions.location.files) }
            let service = try storeOptions.service(purges: false)
            let size = FilePath.byteCount(storeOptions.location.store)
            let metrics = try service.metrics(byteCount: size.map(Double.init))
            guard let target else { return try Output.result(metrics.text) }
            try target.write(metrics)
        }
    }
}
