package import EarmarkAnswer
package import EarmarkBundle
import EarmarkFiles
import EarmarkStore
import Foundation
import Synchronization

/// Analyses files with what a sealed bundle carries: without store, lock or home, and without names.
///
/// The answers are those of `AnalysisSession` and `SearchSession`, paid for alike. Any thread may use it, several at
/// once.
package final class BundleAnalyst: Sendable {
    /// What came of a file.
    package struct Result: Sendable {
        /// The outcome; names in it are empty.
        package let outcome: FileOutcome
        /// What a store would keep beside each answer: the outcome's, then that of its further ones.
        package let evidence: [KeptEvidence]
    }

    /// What carries the seeds.
    package let bundle: OpenBundle
    /// How files are analysed.
    package let options: AnalysisOptions
    private let context: ServiceContext
    private let search: SearchSession?
    private let sessions = Mutex<[MeetingID: AnalysisSession]>([:])

    /// Prepares the search, if the bundle is for one.
    package init(_ bundle: OpenBundle, context: ServiceContext, options: AnalysisOptions) {
        self.bundle = bundle
        self.context = context
        self.options = options.leavingKills
        search = bundle.header.search ? BundleAnalyst.search(bundle, context, options.leavingKills) : nil
    }

    /// What stands for the meeting in requests about files of which no meeting is named; nil if one must be.
    package var standing: String? { BundleAnalyst.standing(of: bundle) }

    /// The same of a bundle.
    package static func standing(of bundle: OpenBundle) -> String? {
        bundle.header.search ? range(bundle).reference : bundle.onlyMeeting?.text
    }

    /// Analyses one file; a refused one is an outcome, too.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - meeting: a meeting's identifier, or `standing`.
    ///   - label: name and note.
    ///   - playedAt: when its beginning was played, if that is known.
    ///   - sha256: the file's digest if it is known, which refusals keep.
    /// - Throws: `BundleError` `nothingHeld`; `ServiceError` `timeOutside`, `defect`; `MediaError` where the process
    ///   that decodes was killed, or there is none to be had.
    package func analyse(
        _ path: String, meeting: String, label: AnalysisLabel, playedAt: PlayedAt? = nil, sha256: String?
    ) throws -> Result {
        let collector = AnswerCollector()
        let outcome: FileOutcome
        if let search, meeting == standing {
            outcome = try search.collecting(in: collector).analyse(
                path, label: label, playedAt: playedAt, sha256: sha256)
        } else {
            let session = try session(MeetingID(meeting))
            outcome = try session.collecting(in: collector).analyse(
                path, label: label, playedAt: playedAt, sha256: sha256)
        }
        let evidence = try collector.drafts.compactMap(\.evidence).map {
            try JSONDecoder().decode(KeptEvidence.self, from: Data($0))
        }
        return Result(outcome: outcome, evidence: evidence)
    }

    private func session(_ meeting: MeetingID) throws -> AnalysisSession {
        try sessions.withLock { sessions in
            if let known = sessions[meeting] { return known }
            let keeper = AnswerKeeper(
                store: nil, context: context, organisation: bundle.organisation, reference: meeting.text,
                options: options)
            let session = AnalysisSession(keeper, source: bundle, subject: try bundle.subject(meeting))
            if sessions.count == BundleAnalyst.limit { sessions.removeAll() }
            sessions[meeting] = session
            return session
        }
    }

    /// Meetings that are kept ready: a thousand candidates take under 1 MB.
    private static let limit = 16

    private static func range(_ bundle: OpenBundle) -> SearchRange {
        SearchRange(organisation: bundle.organisation, since: bundle.terms.since, until: bundle.terms.until)
    }

    private static func search(
        _ bundle: OpenBundle, _ context: ServiceContext, _ options: AnalysisOptions
    ) -> SearchSession {
        let range = range(bundle)
        var searchable = SearchableMeetings()
        searchable.withoutShares = bundle.terms.withoutShares
        searchable.withoutKey = bundle.terms.withoutKey
        searchable.withoutMark = bundle.terms.withoutMark ?? 0
        searchable.meetings = bundle.meetings.map {
            SearchableMeeting($0.id, sharedSeeds: $0.sharedSeeds, markable: $0.markable)
        }
        let keeper = AnswerKeeper(
            store: nil, context: context, organisation: bundle.organisation, reference: range.reference,
            options: options)
        return SearchSession(keeper, source: bundle, searchable, range)
    }
}
