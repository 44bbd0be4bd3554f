/// A generation of the mark: how deep it is, and with that all that was measured on marks of that depth.
///
/// Each module adds the constants of a profile that are its own: depths here, what level a fresh mark has in
/// `EarmarkDetect` and which likelihood ratios validation carries, what an echo of it looks like in `EarmarkAnalysis`.
/// Whoever changes the depths adds a profile and measures anew; the compiler lists the constants that it needs. A
/// number is never used again.
public enum MarkProfile: Int, Sendable, CaseIterable {
    /// Deepest between 2 and 4 kHz, shallow below 750 Hz; a fifth of a client's own cells bound to the content.
    ///
    /// Number 1 had no content cells and is gone: none of it was released.
    case contentBound = 2

    /// The profile that is marked with and looked for; tickets and answers carry its number.
    public static var inForce: MarkProfile { .contentBound }

    /// Depth of `band` at dial 1: the change of its level by one chip, decibels.
    ///
    /// Each step of this profile is the depth that measured quality and detection agree on: a decibel below 750
    /// Hz, where pitch harmonics stand alone in a band, costs ten times what one costs between 1 and 2 kHz and fifty
    /// times what it costs above, and tells the least; vocoders keep most of what lies between 2 and 4 kHz
    /// (docs/signal-design.md, "Depths").
    func depth(ofBand band: Int) -> Double {
        let centre = MarkLayout.centre(ofBand: band)
        switch self {
        case .contentBound:
            return switch centre {
            case ..<750: 0.2
            case ..<1_000: 0.9
            case ..<2_000: 1.1
            case ..<4_000: 1.5
            default: 1.3
            }
        }
    }
}
