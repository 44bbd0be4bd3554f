public import EarmarkFiles
public import EarmarkMark

extension Store {
    /// The seeds that mark audio for one client, without a ticket being issued: for marking on the administrator's
    /// own machine.
    ///
    /// It is logged, as whoever marks can make anybody's mark.
    /// - Parameters:
    ///   - meetingID: the meeting.
    ///   - reference: the client's identifier or unique e-mail.
    /// - Throws: `unknownMeeting`, `unknownClient`, `ambiguousClient`, `watermarkingOff`, `meetingForeign`,
    ///   `clientCannotCarryMark`, or an error of the key file.
    public func markSeeds(meeting meetingID: MeetingID, client reference: String) throws(StoreError) -> MarkSeeds {
        let meeting = try markedMeeting(meetingID)
        let client = try client(reference, inMeeting: meetingID)
        guard client.kind.canCarryMark else {
            throw StoreError(
                .clientCannotCarryMark,
                "client '\(client.id)' is of kind '\(client.kind.rawValue)', which cannot carry a mark")
        }
        let seeds = try key(of: meeting).markSeeds(clientID: client.id)
        try record(.init(.mark, meeting: meetingID, ["client": client.id.text]))
        return seeds
    }
}
