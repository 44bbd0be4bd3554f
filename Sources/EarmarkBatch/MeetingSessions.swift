import EarmarkAnalysis
package import EarmarkAnswer
import EarmarkFiles
package import EarmarkService
package import EarmarkStore
import Foundation

/// Prepares each meeting of a batch once and keeps the last few.
package final class MeetingSessions: BatchAnalyst, @unchecked Sendable {
    // Sendable: `kept` is touched under `lock` only.

    /// Meetings kept: a thousand candidates take under 1 MB, preparing them some milliseconds.
    private static let limit = 16

    private let service: Service
    private let options: AnalysisOptions
    private let lock = NSLock()
    private var kept: [(meeting: String, result: Result<any FileAnalyst, StoreError>)] = []
    /// The search, for files whose meeting is not known.
    private let search: (reference: String, session: SearchSession)?
    private let describe: @Sendable (StoreError) -> String

    /// - Parameters:
    ///   - service: analyses.
    ///   - options: how.
    ///   - search: what stands for the search in requests, and its session; nil if all meetings are known.
    ///   - describe: words why a meeting's recordings cannot be analysed.
    package init(
        service: Service, options: AnalysisOptions, search: (reference: String, session: SearchSession)? = nil,
        describe: @escaping @Sendable (StoreError) -> String
    ) {
        self.describe = describe
        self.search = search
        self.service = service
        self.options = options.leavingKills
    }

    package func analyse(_ item: BatchItem, sha256: String) throws -> FileOutcome {
        let date = service.context.clock().text
        switch session(item.meeting) {
        case .failure(let error):
            return FileOutcome(item, date: date, code: error.code.rawValue, message: describe(error))
        case .success(let session):
            do {
                return try session.analyse(
                    item.path, label: item.label, playedAt: item.playedAt, sha256: sha256, progress: nil)
            } catch let error as ServiceError where [.defect, .timeOutside].contains(error.code) {
                // One file must not keep the others from being analysed.
                return FileOutcome(item, date: date, code: error.code.rawValue, message: error.message)
            }
        }
    }

    /// The session of a meeting, or why its recordings cannot be analysed.
    private func session(_ meeting: String) -> Result<any FileAnalyst, StoreError> {
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
