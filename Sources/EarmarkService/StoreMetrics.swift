package import EarmarkFiles
package import EarmarkStore

extension Service {
    /// Figures of the store for operators; none names anybody.
    ///
    /// - Parameter byteCount: size of the database, bytes, if known.
    package func metrics(byteCount: Double?) throws(StoreError) -> MetricsFile {
        let now = context.clock()
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
        if let byteCount { metrics.add("store_size_bytes", .gauge, "Size of the database.", byteCount) }
        metrics.add("store_metrics_time_seconds", .gauge, "When these figures were taken.", Double(now.seconds))
        return metrics
    }
}
