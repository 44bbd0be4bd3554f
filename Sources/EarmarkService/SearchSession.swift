public import EarmarkAnalysis
public import EarmarkAnswer
import EarmarkDetect
import EarmarkFiles
import EarmarkMedia
import EarmarkStore

/// Finds the meetings that files are of, and who recorded them; stores every answer.
///
/// Immutable; several threads may analyse different files at once.
public struct SearchSession: FileAnalyst {
    private var keeper: AnswerKeeper
    private let source: any MeetingSource
    private let searchable: SearchableMeetings
    private let search: MeetingSearch
    private let scope: Answer.Search

    /// Prepares the search, which opens the keys of all meetings in `range`.
    ///
    /// - Throws: `StoreError`; `ServiceError` `nothingToSearch` if there is no meeting.
    init(store: Store, context: ServiceContext, range: SearchRange, options: AnalysisOptions) throws {
        try store.requireWholeLog()
        let keeper = AnswerKeeper(
            store: store, context: context, organisation: range.organisation, reference: range.reference,
            options: options)
        let searchable = try store.searchableMeetings(
            in: range.organisation.id, since: range.since, until: range.until)
        guard !searchable.meetings.isEmpty else {
            throw ServiceError(
                .nothingToSearch,
                "'\(range.organisation.name)' has no meeting to search: marked, within retention, with clients that "
                    + "carry "
                    + "a mark" + (range.since ?? range.until != nil ? ", in the given time" : ""))
        }
        self.init(keeper, source: store, searchable, range)
    }

    /// The same for answers that `keeper` takes, over meetings that `source` holds.
    init(_ keeper: AnswerKeeper, source: any MeetingSource, _ searchable: SearchableMeetings, _ range: SearchRange) {
        self.keeper = keeper
        self.source = source
        self.searchable = searchable
        search = MeetingSearch(
            meetings: searchable.meetings.map(\.sharedSeeds), candidates: searchable.candidateCount,
            log10Threshold: range.organisation.settings.log10Threshold, policy: keeper.policy,
            effort: keeper.options.effort, worker: keeper.context.decoder)
        scope = Answer.Search(
            meetings: searchable.meetings.count, withoutShares: searchable.withoutShares,
            withoutKey: searchable.withoutKey,
            withoutMark: searchable.withoutMark > 0 ? searchable.withoutMark : nil, since: range.since?.text,
            until: range.until?.text)
    }

    /// The same session, whose answers go to `collector`.
    func collecting(in collector: AnswerCollector) -> SearchSession {
        var session = self
        session.keeper.collector = collector
        return session
    }

    /// Meetings that are searched.
    public var meetingCount: Int { searchable.meetings.count }

    /// Analyses one file and stores the answer; see `FileAnalyst`.
    public func analyse(
        _ path: String, label: AnalysisLabel, playedAt: PlayedAt? = nil, sha256: String? = nil,
        progress: (@Sendable (MeetingSearch.Stage) -> Void)? = nil
    ) throws -> FileOutcome {
        guard playedAt == nil else {
            throw ServiceError(
                .timeOutside, "when '\(path)' was played is stated, and not in which meeting: name the meeting")
        }
        let result: MeetingSearch.Result
        do {
            result = try search.run(path: path, open: { try entry($0) }, progress: progress)
        } catch let error as MediaError {
            return try keeper.refuse(error, path: path, label: label, sha256: sha256)
        } catch let overrun as SearchBudget.Overrun {
            throw ServiceError(.defect, "'\(path)': \(overrun)")
        }
        var outcomes: [FileOutcome] = []
        for match in result.matches {
            let subject = try source.subject(of: searchable.meetings[match.meeting].id)
            let inquiry = Answer.Inquiry(subject: subject, markable: subject.candidates.filter(\.isMarkable))
            outcomes.append(try save(match.examination, inquiry, path, label))
        }
        guard var first = outcomes.first else { return try save(result.nearest, nil, path, label) }
        if outcomes.count > 1 { first.further = Array(outcomes.dropFirst()) }
        return first
    }

    private func save(
        _ examination: Examination, _ inquiry: Answer.Inquiry?, _ path: String, _ label: AnalysisLabel
    ) throws -> FileOutcome {
        let answer = Answer(
            examination, path: path, of: inquiry, settings: keeper.organisation.settings, effort: keeper.options.effort,
            label: label, search: scope)
        return try keeper.save(
            answer, examination, meeting: inquiry?.subject.meeting, path: path, label: label)
    }

    private func entry(_ index: Int) throws -> MeetingSearch.Entry {
        let subject = try source.subject(of: searchable.meetings[index].id)
        let markable = subject.candidates.filter(\.isMarkable)
        return MeetingSearch.Entry(
            candidates: markable.map(\.identitySeed), tags: markable.map(\.tag),
            expectedSeconds: Double(subject.durationSeconds), decoySeed: subject.decoySeed)
    }
}
