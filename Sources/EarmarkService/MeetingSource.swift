import EarmarkBundle
import EarmarkFiles
import EarmarkStore

/// Where sessions find meetings: a store, or what a sealed bundle carries.
protocol MeetingSource: Sendable {
    /// Everything needed to analyse a recording of a meeting.
    func subject(of meeting: MeetingID) throws -> AnalysisSubject

    /// Whether the organisation has others that could be analysed.
    func hasOthers(than meeting: Meeting) throws(StoreError) -> Bool
}

extension Store: MeetingSource {
    func subject(of meeting: MeetingID) throws -> AnalysisSubject { try analysisSubject(meeting) }

    func hasOthers(than meeting: Meeting) throws(StoreError) -> Bool {
        try countOtherMeetings(than: meeting) > 0
    }
}

extension OpenBundle: MeetingSource {
    func subject(of meeting: MeetingID) throws -> AnalysisSubject { try subject(meeting) }

    /// As it was when the bundle was made.
    func hasOthers(than meeting: Meeting) -> Bool { terms.hasOthers || meetings.count > 1 }
}
