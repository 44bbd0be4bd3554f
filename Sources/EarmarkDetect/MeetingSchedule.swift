import EarmarkMark

/// When a meeting may have been recorded, in periods of the mark from its origin.
struct MeetingSchedule {
    /// Periods searched: from 75 minutes before the meeting's origin, in case clocks were wrong, to 25.5 hours after.
    static let searched: Range<Int64> = -275..<5_600
    /// People come early, seconds before the planned start.
    private static let early = 900.0
    /// Meetings overrun, seconds past the planned end.
    private static let late = 1_800.0
    /// No meeting is planned for longer, seconds (a day).
    private static let longest = 86_400.0

    /// Periods of the plan; all that are searched if nothing is planned.
    let expected: Range<Int64>

    /// The schedule of a meeting that is planned for `expectedSeconds` from its origin; nil if nothing is known.
    init(expectedSeconds: Double?) {
        guard let seconds = expectedSeconds else {
            expected = MeetingSchedule.searched
            return
        }
        let longest = MeetingSchedule.longest
        let length = seconds.isFinite ? min(max(seconds, 0), longest) : longest
        let first = Int64((-MeetingSchedule.early / MarkLayout.periodSeconds).rounded(.down))
        let end = Int64(((length + MeetingSchedule.late) / MarkLayout.periodSeconds).rounded(.up))
        expected = first..<max(first + 1, end)
    }
}
