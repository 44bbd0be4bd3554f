package import EarmarkAnswer
import EarmarkFiles
package import EarmarkService

/// One file of a batch and what was asked about it.
package struct BatchItem: Equatable, Sendable {
    /// The file as it was named or found.
    package let path: String
    /// The meeting that the file may be of.
    package let meeting: String
    /// Name and note of the analysis.
    package let label: AnalysisLabel
    /// When its beginning was played, if that is known.
    package let playedAt: PlayedAt?
    /// Why it is not even looked at; nil if it is.
    package let refusal: FileOutcome.Refusal?

    /// Bundles the parts.
    package init(
        path: String, meeting: String, label: AnalysisLabel, playedAt: PlayedAt? = nil,
        refusal: FileOutcome.Refusal? = nil
    ) {
        self.playedAt = playedAt
        self.refusal = refusal
        self.path = path
        self.meeting = meeting
        self.label = label
    }
}

/// What decides an answer beside the file's content: equal requests about equal content have equal answers.
package struct BatchRequest: Codable, Hashable, Sendable {
    /// Identifier of the meeting, or the reference of a search.
    package let meeting: String
    /// How hard was looked.
    package let effort: String
    /// Whether files below the organisation's limit were taken, too.
    package let allowShort: Bool
    /// Version of the program.
    package let toolVersion: String
    /// Whether stretches of long recordings were looked at first; nil if not, as earlier versions wrote it.
    package let triage: Bool?
    /// When the recording was stated to have been played; nil if nothing was.
    package let playedAt: PlayedAt?

    /// Bundles the parts.
    package init(
        meeting: String, effort: String, allowShort: Bool, toolVersion: String, triages: Bool = false,
        playedAt: PlayedAt? = nil
    ) {
        triage = triages ? true : nil
        self.playedAt = playedAt
        self.meeting = meeting
        self.effort = effort
        self.allowShort = allowShort
        self.toolVersion = toolVersion
    }
}

extension BatchRequest {
    /// What this version asks about `item`.
    package init(_ item: BatchItem, _ options: AnalysisOptions) {
        self.init(
            meeting: item.meeting, effort: options.effort.rawValue, allowShort: options.allowShort,
            toolVersion: EarmarkVersion.current, triages: options.triages, playedAt: item.playedAt)
    }
}

/// Content and request together.
package struct BatchKey: Hashable, Sendable {
    let sha256: String
    let request: BatchRequest
}
