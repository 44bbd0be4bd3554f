public import EarmarkAnswer
public import EarmarkFiles
public import EarmarkStore

/// What the user calls an analysis.
public struct AnalysisLabel: Equatable, Sendable {
    /// A name; empty for none.
    public let name: String
    /// A note; empty for none.
    public let note: String

    /// Bundles the parts, of which blanks alone are none.
    public init(name: String = "", note: String = "") {
        self.name = AnalysisDraft.words(name)
        self.note = AnalysisDraft.words(note)
    }
}

/// How files are analysed, whatever they may be of.
public struct AnalysisOptions: Equatable, Sendable {
    /// How hard to look.
    public var effort: Effort
    /// Whether recordings below the organisation's limit are analysed, whatever its settings say.
    public var allowShort: Bool
    /// Whether answers are stored.
    public var keepsAnswers: Bool
    /// Whether answers about one meeting say who talked when, by the tags of their microphones.
    public var findsTalkers: Bool
    /// Whether stretches of long recordings of one meeting are looked at first, and nothing else where they are clear.
    public var triages: Bool

    /// Longest time that the analysis of a file may take, in seconds of the clock.
    public var timeLimit: Double
    /// Whether it is left to the caller what it means that a process was killed; else the file is refused.
    package var leavesKills: Bool

    /// Bundles the parts; without a time limit, `standardTimeLimit` holds.
    public init(
        effort: Effort = .normal, allowShort: Bool = false, keepsAnswers: Bool = true, findsTalkers: Bool = false,
        triages: Bool = false, timeLimit: Double? = nil
    ) {
        leavesKills = false
        self.triages = triages
        self.timeLimit = timeLimit ?? AnalysisOptions.standardTimeLimit(effort)
        self.findsTalkers = findsTalkers
        self.effort = effort
        self.allowShort = allowShort
        self.keepsAnswers = keepsAnswers
    }
}

extension AnalysisOptions {
    /// The same, for a caller who decides what it means that a process was killed.
    package var leavingKills: AnalysisOptions {
        var options = self
        options.leavesKills = true
        return options
    }

    /// Ten times what 500 MB of the slowest honest kind take on a core of 2020: docs/batch.md has the measurement.
    public static func standardTimeLimit(_ effort: Effort) -> Double {
        switch effort {
        case .fast, .normal: 18_000
        case .exhaustive: 180_000
        }
    }
}

/// The meetings that are searched where the meeting is not known.
public struct SearchRange: Equatable, Sendable {
    /// Whose meetings.
    public let organisation: Organisation
    /// Only meetings that ended after this; nil for all.
    public let since: Timestamp?
    /// Only meetings that began before this; nil for all.
    public let until: Timestamp?

    /// Bundles the parts.
    public init(organisation: Organisation, since: Timestamp? = nil, until: Timestamp? = nil) {
        self.organisation = organisation
        self.since = since
        self.until = until
    }

    /// How requests and stored analyses name it where they would name a meeting.
    public var reference: String {
        ["any", since.map { "since \($0.text)" }, until.map { "until \($0.text)" }]
            .compactMap { $0 }.joined(separator: " ")
    }
}
