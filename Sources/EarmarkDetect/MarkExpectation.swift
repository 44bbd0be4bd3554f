/// What a lone mark of standard strength would have reached in a recording.
///
/// Noise, missing bands and length are measured in it; what codecs, rooms and changes of the sound take besides cannot
/// be heard, and makes the range: nine in ten recordings of known attacks lie within it (docs/statistics.md,
/// "Expectation").
public struct MarkExpectation: Sendable, Equatable {
    /// The middle: half of the known recordings like this one reached more, standard deviations.
    public var z: Double
    /// Lower end of the range, standard deviations.
    public var least: Double
    /// Upper end of the range, standard deviations.
    public var most: Double

    /// Bundles the parts.
    public init(z: Double, least: Double, most: Double) {
        self.z = z
        self.least = least
        self.most = most
    }

    /// Of a recording in which nothing was looked for.
    public static let none = MarkExpectation(z: 0, least: 0, most: 0)

    /// Takes that of another channel or track, if more can be expected of it.
    package mutating func take(_ other: MarkExpectation) {
        if other.z > z { self = other }
    }
}
