import EarmarkFiles
package import EarmarkStore

/// A list of stored analyses, of which some at a time are read, however many there are.
package final class AnalysisListings {
    /// Analyses that are read at a time.
    private static let page = 100

    private let store: Store
    private let places: [Int64]
    private let titles: [MeetingID: String]
    private let revoked: [BundleID: Timestamp]
    private let isChosen: (AnalysisRecord) -> Bool
    private let who: String?
    private let limit: Int
    private var isViewNoted = false

    /// The list of what is at `places` in `store`.
    ///
    /// - Parameters:
    ///   - isChosen: which of them.
    ///   - who: only those that identify somebody called like this; nil for all.
    ///   - limit: how many of these at most; nil for all.
    /// - Throws: `StoreError`.
    package init(
        _ store: Store, at places: [Int64], where isChosen: @escaping (AnalysisRecord) -> Bool = { _ in true },
        who: String? = nil, limit: Int? = nil
    ) throws(StoreError) {
        self.store = store
        self.places = places
        self.isChosen = isChosen
        self.who = who
        self.limit = limit ?? .max
        titles = try store.meetingTitles()
        revoked = try store.revocations()
    }

    /// Calls `body` with each; that they name people is logged before the first that does.
    ///
    /// - Throws: `StoreError`, `ServiceError`, and what `body` throws.
    package func forEach(_ body: (AnalysisListing) throws -> Void) throws {
        var (next, count) = (places.startIndex, 0)
        while next < places.endIndex, count < limit {
            let end = min(next + Self.page, places.endIndex)
            for record in try store.analyses(at: places[next..<end]) where isChosen(record) {
                let listing = try AnalysisListing(record, titles: titles, revoked: revoked)
                guard who.map(listing.names) ?? true else { continue }
                if !listing.identified.isEmpty, !isViewNoted {
                    isViewNoted = true
                    try store.noteView(of: "analyses")
                }
                try body(listing)
                count += 1
                if count == limit { return }
            }
            next = end
        }
    }
}
