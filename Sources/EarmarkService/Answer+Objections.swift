package import EarmarkAnswer
package import EarmarkFiles
package import EarmarkStore

extension Answer {
    /// The answer with what the store's records have against those who are named, and for their microphones' tags.
    ///
    /// `date`: when the recording was examined.
    package func weighed(against store: Store, at date: Timestamp) throws(StoreError) -> Answer {
        guard let meeting, sources.contains(where: { $0.verdict == .identified }) else { return self }
        var answer = self
        let log = try store.logHistory()
        for (index, source) in sources.enumerated() where source.verdict == .identified {
            let records = try store.records(of: source.client, inMeeting: meeting.id, log)
            let objections = records?.objections(to: source, at: date) ?? []
            answer.sources[index].objections = objections.isEmpty ? nil : objections
            guard source.microphone?.isOnlyStated == false else { continue }
            let hearing = log.tagHearing(
                of: source.client, inMeeting: meeting.id, beforeLookAt: file.sha256,
                stored: try store.analyses(sha256: file.sha256))
            answer.sources[index].microphone?.isOnlyStated = hearing == nil
            answer.sources[index].microphone?.heardIn = hearing?.analysis
        }
        if let text = Answer.contradictionText(answer.contradictions) { answer.summary += " " + text }
        return answer
    }

    /// What contradicts, in a sentence; nil if nothing does.
    private static func contradictionText(_ contradictions: [Objection]) -> String? {
        contradictions.isEmpty
            ? nil
            : "The store's records disagree: " + contradictions.map(\.text).joined(separator: "; ") + "."
    }
}

extension ClientRecords {
    /// Seconds by which the clocks of endpoints and store may differ.
    private static let clockTolerance: Int64 = 300

    /// What they have against a recording at the endpoint; `date`: when the recording was examined.
    func objections(to source: Answer.Source, at date: Timestamp) -> [Answer.Objection] {
        let found: [(Answer.Objection.Kind, String?)] =
            tickets.map { (.ticketRevoked, revocation($0, date)) } + [
                (.notPresent, absence(source)), (.playedLater, future(source, date)), (.markedHere, marked),
            ]
        return found.compactMap { kind, text in text.map { Answer.Objection(kind: kind, text: $0) } }
    }

    private func revocation(_ ticket: IssuedTicket, _ date: Timestamp) -> String? {
        ticket.revokedAt.map { revoked in
            // Times are of whole seconds.
            let when = revoked < date ? "before" : revoked > date ? "after" : "in the second in which"
            return "ticket \(ticket.id) of this endpoint was revoked on \(revoked.text), \(when) this recording was "
                + "examined: its marks may be another's"
        }
    }

    private func absence(_ source: Answer.Source) -> String? {
        guard !presences.isEmpty else {
            return hasOtherPresences && !source.heard.isEmpty
                ? "no presence of this endpoint in the meeting is noted, and those of others are" : nil
        }
        let outside = source.heard.filter { span in
            guard let from = Timestamp(span.playedAt) else { return false }
            let to = from + Int64((span.meetingTo - span.meetingFrom).rounded(.up))
            return !presences.contains {
                $0.joinedAt - Self.clockTolerance <= to && from <= ($0.leftAt ?? to) + Self.clockTolerance
            }
        }
        guard let first = outside.first else { return nil }
        return "by its presences this endpoint was not in the meeting at \(first.playedAt), when it would have played "
            + (outside.count == source.heard.count
                ? "what was heard" : "\(outside.count) of the \(source.heard.count) stretches that were heard")
    }

    private func future(_ source: Answer.Source, _ date: Timestamp) -> String? {
        let times = source.heard.compactMap { Timestamp($0.playedAt) }
        guard let last = times.max(), last > date + Self.clockTolerance else { return nil }
        return "by the mark's clock this would be played at \(last.text), after it was examined (\(date.text)): such a "
            + "mark was made with ticket or keys, or a clock is wrong"
    }

    private var marked: String? {
        guard let last = marks.last else { return nil }
        let times = marks.count == 1 ? "once, on" : "\(marks.count) times, last on"
        return "by the audit log, audio was marked as this endpoint with the store's keys \(times) \(last.text)"
    }
}
