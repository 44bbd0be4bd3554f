/// How strongly audio is marked: the trade between inaudibility and detection.
public enum Strength: String, Sendable, CaseIterable {
    /// Critical listening.
    case transparent
    /// The default.
    case standard
    /// Hostile rooms and telephones.
    case robust

    /// Factor on the depth of every band.
    public var dial: Double {
        switch self {
        case .transparent: 0.4
        case .standard: 1.0
        case .robust: 1.4
        }
    }

    /// Depth of `band` at this strength: the change of its level by one chip, decibels.
    ///
    /// Low bands cost the most quality per decibel (pitch harmonics stand alone in them), high bands the least.
    public func depth(ofBand band: Int) -> Double {
        let centre = MarkLayout.centre(ofBand: band)
        return dial * (centre < 1_500 ? 0.7 : centre < 4_000 ? 1.4 : 2.0)
    }
}
