package import EarmarkFiles

/// That an analysis heard the tag of a client's microphone.
package struct TagHearing: Sendable, Equatable {
    /// The analysis; nil where the log of before does not tell, and for those of a run.
    package let analysis: AnalysisID?
    /// When the log has it.
    package let at: Timestamp
}

extension LogHistory {
    /// Whether times or clients of a meeting were changed since a bundle was made, or the log does not tell.
    package func isChanged(_ meeting: MeetingID, sinceBundle bundle: BundleID) -> Bool {
        let made = entries.first { $0.action == .bundleCreate && $0.details["bundle"] == bundle.text }
        guard let made else { return true }
        let changing: Set<AuditAction> = [.meetingEdit, .clientsAdd, .clientRemove]
        return entries.contains {
            $0.position > made.position && $0.meetingID == meeting && changing.contains($0.action)
        }
    }

    /// Analyses that were deleted.
    package var deletedAnalyses: Set<AnalysisID> {
        let deletions = entries.filter { $0.action == .analysisDelete }
        return Set(deletions.compactMap { $0.details["analysis"].map { AnalysisID($0) } })
    }

    /// When audio was marked as a client with the store's keys, in the log's order: until an analysis, or ever.
    func marks(of client: ClientID, inMeeting meeting: MeetingID, until record: AnalysisRecord?) -> [Timestamp] {
        let last = record.map(place) ?? .max
        return entries.filter {
            $0.action == .mark && $0.meetingID == meeting && $0.position <= last
                && $0.details["client"] == client.text
        }.map(\.at)
    }

    /// The first time that the tag of a client was heard, if that was before a file was first looked at for its
    /// meeting, by the order of the log: whoever reacts to a recording can make another one with a tag in it.
    ///
    /// `stored`: what is stored about the file; answers of runs have no entry with their file.
    package func tagHearing(
        of client: ClientID, inMeeting meeting: MeetingID, beforeLookAt sha256: String, stored: [AnalysisRecord]
    ) -> TagHearing? {
        let looked = stored.map { firstPlace(of: $0) }.min() ?? .max
        for entry in entries where entry.meetingID == meeting {
            switch entry.action {
            case .analyse, .analyseUnstored: if entry.isOf(file: sha256) { return nil }
            case .tagsHeard:
                let heard = (entry.details["clients"] ?? "").split(separator: " ")
                guard heard.contains(where: { $0 == client.text }) else { continue }
                if looked < entry.position { return nil }
                return TagHearing(analysis: entry.details["analysis"].map { AnalysisID($0) }, at: entry.at)
            default: break
            }
        }
        return nil
    }
}
