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
    /// stand alone in a band, costs ten times what one costs between 1 and 2 kHz and fifty times what it costs above; telephone
    /// codecs keep little but the range from 750 Hz to 2 kHz (docs/signal-design.md, Benchmarks/README.md).
    public func depth(ofBand band: Int) -> Double {
        let centre = MarkLayout.centre(ofBand: band)
        let decibels =
            switch centre {
            case ..<750: 0.3
            case ..<1_000: 0.9
            case ..<2_000: 1.1
            case ..<4_000: 1.3
            default: 1.4
            }
        return dial * decibels
    }
}
