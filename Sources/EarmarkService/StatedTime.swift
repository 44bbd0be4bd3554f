import EarmarkAnswer
import EarmarkDetect
import EarmarkFiles

extension Answer.PlayedAt {
    /// What comes first in the order of what is tried.
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

    /// What was done with it, for whoever reads the answer.
    var statement: String {
        "Meeting times \(text) came first in the order of what was tried, as was stated, and all others after them. "
            + "That the statement is true is not needed for the bound. Each further statement that is tried is an "
            + "analysis of its own."
    }
}
