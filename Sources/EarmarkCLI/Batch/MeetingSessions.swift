import EarmarkAnalysis
import EarmarkStore
import Foundation

/// Prepares each meeting of a batch once and keeps the last few.
final class MeetingSessions: @unchecked Sendable {
    // Sendable: `kept` is touched under `lock` only.

    /// Meetings kept: a thousand candidates take under 1 MB, preparing them some milliseconds.
    private static let limit = 16

    private let store: Store
    private let effort: Effort
    private let allowShort: Bool
    private let keepsAnswers: Bool
    private let lock = NSLock()
    private var kept: [(meeting: String, result: Result<any FileAnalyst, StoreError>)] = []
    /// The search, for files whose meeting is not known.
    private let search: (reference: String, session: SearchSession)?

    init(
        store: Store, effort: Effort, allowShort: Bool, keepsAnswers: Bool,
        search: (reference: String, session: SearchSession)? = nil
    ) {
        self.search = search
        self.store = store
        self.effort = effort
        self.allowShort = allowShort
        self.keepsAnswers = keepsAnswers
    }

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
            let subject = try store.analysisSubject(meeting)
            return .success(
                try AnalysisSession(
                    store: store, subject: subject, effort: effort, allowShort: allowShort, keepsAnswers: keepsAnswers))
        } catch {
            return .failure(error)
        }
    }
}
