/// How strongly audio is marked: the trade between inaudibility and detection.
public enum Strength: String, Sendable, CaseIterable {
    /// Critical listening.
    case transparent
    /// The default.
    case standard
    /// Hostile rooms and telephones.
    case robust

    /// Factor on the depth of every band.
    ///
    /// What hearing models take off grows with its square, the test statistic with the dial itself.
    public var dial: Double {
        switch self {
        case .transparent: 0.4
        case .standard: 1.0
        case .robust: 1.6
        }
    }

    /// Depth of `band` at this strength: the change of its level by one chip, decibels.
    ///
    /// Each step is the depth that measured quality and detection agree on: a decibel below 750 Hz, where pitch harmonics
    /// stand alone in a band, costs ten times what one costs between 1 and 2 kHz and fifty times what it costs above, and tells the
    /// least; vocoders keep most of what lies between 2 and 4 kHz (docs/signal-design.md, "Depths").
    public func depth(ofBand band: Int) -> Double {
        let centre = MarkLayout.centre(ofBand: band)
        let decibels =
            switch centre {
            case ..<750: 0.2
            case ..<1_000: 0.9
            case ..<2_000: 1.1
            case ..<4_000: 1.5
            default: 1.3
            }
        return dial * decibels
    }
}
