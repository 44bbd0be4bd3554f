import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation

extension StoreCommand {
    /// The command `earmark store metrics`.
    struct Metrics: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print figures of the store for Prometheus.",
            discussion: """
                In its text format; with --output for the textfile collector of its node exporter. No figure names \
                anybody. Nothing is purged for it.

                  earmark store metrics --output /var/lib/prometheus/node-exporter/earmark.prom
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("File to replace, mode 0644.", valueName: "file"))
        var output: String?

        @OptionGroup var storeOptions: StoreOptions

        func run() throws {
            let service = try storeOptions.service(purges: false)
            let (store, now) = (service.store, service.context.clock())
            var metrics = MetricsFile()
            var (states, due, held) = ([String: Double](), 0.0, 0.0)
            for organisation in try store.organisations() {
                for meeting in try store.meetings(in: organisation.id) {
                    states[meeting.state.rawValue, default: 0] += 1
                }
                let status = try store.retentionStatus(of: organisation.id)
                due += Double(status.due.count)
                held += Double(status.held.count)
            }
            metrics.add("store_meetings", .gauge, "Meetings that are stored.", states, by: "state")
            metrics.add("store_meetings_due", .gauge, "Meetings that are due to be purged.", due)
            metrics.add("store_meetings_held", .gauge, "Meetings past their retention that a hold keeps.", held)
            let bundles = try store.bundles()
            metrics.add(
                "store_bundles_out", .gauge, "Sealed bundles that workers still take.",
                Double(bundles.count { $0.revokedAt == nil && now < $0.expiresAt }))
            metrics.add(
                "store_analyses_total", .counter, "Analyses that were made, deleted ones included.",
                Double(try store.analysisCounts(ofMeeting: nil).store))
            metrics.add(
                "store_audit_entries_total", .counter, "Entries of the audit log.",
                Double(try store.auditEntries(limit: 1).first?.position ?? 0))
            if let size = FilePath.status(storeOptions.location.store)?.st_size {
                metrics.add("store_size_bytes", .gauge, "Size of the database.", Double(size))
            }
            metrics.add("store_metrics_time_seconds", .gauge, "When these figures were taken.", Double(now.seconds))
            guard let output else { return try Output.result(metrics.text) }
            try metrics.write(output)
        }
    }
}
