/// The answer to one file, as it is stored and published; docs/json-schema.md documents every field.
///
/// Coding it gives the JSON of that document: keys are the property names, absent values are left out.
public struct Answer: Codable, Equatable, Sendable {
    /// Version of every published JSON result; it rises when a field changes its meaning or goes away.
    public static let schema = 1

    /// What the analysis amounts to.
    public let verdict: Verdict
    /// The same in a sentence or two.
    public var summary: String
    /// The file.
    public var file: File
    /// The meeting; nil if all were searched and none found.
    public var meeting: Meeting?
    /// What was searched where the meeting was not known; nil where it was.
    public let search: Search?
    /// Clients whose mark meets the bound, the strongest evidence first.
    public var sources: [Source]
    /// Clients that carry no mark, and so may have recorded unseen.
    public var unmarkable: [Unmarkable]
    /// What was tried and paid for.
    public let tested: Tested
    /// What was found of the meeting's shared mark.
    public let pilot: Pilot
    /// What a reader should know about the file, in sentences.
    public let warnings: [String]
    /// What every answer of this kind says, whatever the verdict.
    public var statements: [String]
    /// The reference that helped; nil without one.
    public var reference: Reference?
    /// When the recording was stated to have been played, which was tried first; nil if nothing was stated.
    public var playedAt: PlayedAt?
    /// Number of the profile whose marks were looked for; nil in answers of versions that knew one.
    public var profile: Int?
    /// Who talked when, by the tags of their microphones; nil unless that was asked for.
    public var talkers: [Talker]?
    /// The stretches that were looked at first; nil unless that was asked for, or where it could not be.
    public var triage: Triage?
    /// The sealed bundle with which a worker came to it; nil if that was done where the store is.
    public var bundle: String?
    /// What else to try; nil if nothing comes to mind.
    public var hint: String?
    /// Name of the analysis, may be empty.
    public var name: String
    /// Note of the analysis, may be empty.
    public var note: String
    /// Version of the program that analysed.
    public let toolVersion: String

    /// Bundles the parts.
    public init(
        verdict: Verdict, summary: String, file: File, meeting: Meeting?, search: Search?, sources: [Source],
        unmarkable: [Unmarkable], tested: Tested, pilot: Pilot, warnings: [String],
        statements: [String], reference: Reference?, hint: String?, name: String, note: String, toolVersion: String
    ) {
        self.verdict = verdict
        self.summary = summary
        self.file = file
        self.meeting = meeting
        self.search = search
        self.sources = sources
        self.unmarkable = unmarkable
        self.tested = tested
        self.pilot = pilot
        self.warnings = warnings
        self.statements = statements
        self.reference = reference
        self.hint = hint
        self.name = name
        self.note = note
        self.toolVersion = toolVersion
    }
}
