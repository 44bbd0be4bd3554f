import EarmarkAnalysis
import EarmarkAnswer
import EarmarkFiles
package import EarmarkService
import EarmarkStore
import Foundation

/// Prepares each meeting of a batch once and keeps the last few.
package final class MeetingSessions: @unchecked Sendable {
    // Sendable: `kept` is touched under `lock` only.

    /// Meetings kept: a thousand candidates take under 1 MB, preparing them some milliseconds.
    private static let limit = 16

    private let service: Service
    private let options: AnalysisOptions
    private let lock = NSLock()
    private var kept: [(meeting: String, result: Result<any FileAnalyst, StoreError>)] = []
    /// The search, for files whose meeting is not known.
    private let search: (reference: String, session: SearchSession)?

    /// - Parameters:
    ///   - service: analyses.
    ///   - options: how.
    ///   - search: what stands for the search in requests, and its session; nil if all meetings are known.
    package init(
        service: Service, options: AnalysisOptions, search: (reference: String, session: SearchSession)? = nil
    ) {
        self.search = search
        self.service = service
        self.options = options
    }

    /// Tells the time.
    var clock: Store.Clock { service.context.clock }

    /// The session of a meeting, or why its recordings cannot be analysed.
    func session(_ meeting: String) -> Result<any FileAnalyst, StoreError> {
        if let search, search.reference == meeting { return .success(search.session) }
        lock.lock()
        defer { lock.unlock() }
        if let index = kept.firstIndex(where: { $0.meeting == meeting }) {
            let found = kept.remove(at: index)
            kept.append(found)
            return found.result
        }
        let result = prepare(meeting)
        if kept.count == MeetingSessions.limit { kept.removeFirst() }
        kept.append((meeting, result))
        return result
    }

    private func prepare(_ meeting: String) -> Result<any FileAnalyst, StoreError> {
        do throws(StoreError) {
            return .success(try service.analysis(of: MeetingID(meeting), options: options))
        } catch {
            return .failure(error)
        }
    }
}
