/// What an analysis amounts to: of a whole recording, and of one source in it.
///
/// The one type from the detector to the report. The raw value is stored and published (docs/json-schema.md,
/// `verdict`).
public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// A source meets the bound.
    case identified
    /// A source meets the bound but its mark is such that it may be echo cross-talk.
    case trace
    /// A source meets the bound, but its mark does not fit this audio: it was copied from another recording,
    /// or louder audio lies over it.
    case detached
    /// The meeting's mark is proven present, nobody reaches the bound.
    case inconclusive
    /// Neither, and audio of the recording was left out: what was not examined may carry the mark.
    case incomplete
    /// Neither, in all of the recording's audio.
    case notFound = "not-found"
}
