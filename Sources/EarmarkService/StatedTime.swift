import EarmarkAnswer
import EarmarkDetect
import EarmarkFiles

extension Answer.PlayedAt {
    /// What is searched of the meeting.
    ///
    /// - Throws: `timeOutside` for a time at which nobody looks for marks.
    func window() throws(ServiceError) -> MeetingWindow {
        guard MeetingWindow.secondsRange.contains(Double(meetingSeconds)) else {
            let range = MeetingWindow.secondsRange
            let (first, last) = (
                DurationText.text(Int64(-range.lowerBound)), DurationText.text(Int64(range.upperBound))
            )
            throw ServiceError(
                .timeOutside,
                "\(time) is \(meetingSeconds < 0 ? "before" : "after") all that is searched of this meeting, \(first) "
                    + "before its start to \(last) after: state another time, or another meeting")
        }
        return MeetingWindow(seconds: Double(meetingSeconds), within: Double(withinSeconds))
    }

    /// That nothing else was searched, in a sentence.
    var searchedText: String {
        "Only meeting times \(text) were searched, as was stated."
    }

    /// What follows for whoever reads the answer.
    var statement: String {
        searchedText + " What was played at other times was not looked for. That the statement is true is not needed "
            + "for the bound: a wrong one can hide a client, and accuse none. Each further statement that is tried is "
            + "an analysis of its own."
    }
}
