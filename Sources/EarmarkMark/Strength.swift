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
    /// What hearing models take off grows with its square, the test statistic with the dial itself. `standard` is as
    /// deep as they leave room for with a tag beside the mark (docs/measurements/2026-11-30-standard.md).
    public var dial: Double {
        switch self {
        case .transparent: 0.4
        case .standard: 1.1
        case .robust: 1.6
        }
    }

    /// Depth of `band` at this strength in a profile: the change of its level by one chip, decibels.
    public func depth(ofBand band: Int, profile: MarkProfile = .inForce, role: MarkRole = .playout) -> Double {
        dial(role) * profile.depth(ofBand: band)
    }
}
