import EarmarkAnalysis
import EarmarkMedia
import EarmarkStore

/// Finds the meetings that files are of, and who recorded them; stores every answer.
///
/// Immutable; several threads may analyse different files at once.
struct SearchSession: FileAnalyst {
    private let keeper: AnswerKeeper
    private let searchable: SearchableMeetings
    private let search: MeetingSearch
    private let scope: AnswerView.Search

    /// Prepares the search, which opens the keys of all meetings in `range`.
    ///
    /// - Throws: `StoreError`; `CommandError` `unknown` if there is no meeting to search.
    init(
        store: Store, range: SearchRange, effort: Effort, allowShort: Bool, keepsAnswers: Bool = true
    ) throws {
        keeper = AnswerKeeper(
            store: store, organisation: range.organisation, reference: range.reference, effort: effort,
            allowShort: allowShort, keepsAnswers: keepsAnswers)
        searchable = try store.searchableMeetings(
            in: range.organisation.id, since: range.since, until: range.until)
        guard !searchable.meetings.isEmpty else {
            throw CommandError(
                .unknown,
                "'\(range.organisation.name)' has no meeting to search: marked, within retention, with clients that carry "
                    + "a mark" + (range.since ?? range.until != nil ? ", in the given time" : ""))
        }
        search = MeetingSearch(
            meetings: searchable.meetings.map(\.sharedSeeds), candidates: searchable.candidateCount,
            log10Threshold: range.organisation.settings.log10Threshold, policy: keeper.policy, effort: effort,
            worker: Earmark.decoders)
        scope = AnswerView.Search(
            meetings: searchable.meetings.count, withoutShares: searchable.withoutShares,
            withoutKey: searchable.withoutKey, since: range.since.map(UTCTime.text),
            until: range.until.map(UTCTime.text))
    }

    /// Meetings that are searched.
    var meetingCount: Int { searchable.meetings.count }

    func analyse(
        _ path: String, words: AnalysisWords, sha256: String? = nil,
        progress: (@Sendable (MeetingSearch.Stage) -> Void)? = nil
    ) throws -> FileOutcome {
        let result: MeetingSearch.Result
        do {
            result = try search.run(path: path, open: { try entry($0) }, progress: progress)
        } catch let error as MediaError {
            return try keeper.refuse(error, path: path, words: words, sha256: sha256)
        }
        var outcomes: [FileOutcome] = []
        for match in result.matches {
            let subject = try keeper.store.analysisSubject(searchable.meetings[match.meeting].id)
            let inquiry = AnswerView.Inquiry(subject: subject, markable: subject.candidates.filter(\.isMarkable))
            outcomes.append(try save(match.examination, inquiry, path, words))
        }
        guard var first = outcomes.first else { return try save(result.nearest, nil, path, words) }
        if outcomes.count > 1 { first.further = Array(outcomes.dropFirst()) }
        return first
    }

    private func save(
        _ examination: Examination, _ inquiry: AnswerView.Inquiry?, _ path: String, _ words: AnalysisWords
    ) throws -> FileOutcome {
        let answer = AnswerView(
            examination, path: path, of: inquiry, settings: keeper.organisation.settings, effort: keeper.effort,
            words: words, search: scope)
        return try keeper.save(
            answer, examination.detection, meeting: inquiry?.subject.meeting, path: path, words: words)
    }

    private func entry(_ index: Int) throws -> MeetingSearch.Entry {
        let subject = try keeper.store.analysisSubject(searchable.meetings[index].id)
        return MeetingSearch.Entry(
            candidates: subject.candidates.filter(\.isMarkable).map(\.identitySeed),
            expectedSeconds: Double(subject.durationSeconds))
    }
}
