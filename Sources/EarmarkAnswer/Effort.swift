/// How hard to look; what is tried is paid for in the bound, whether it finds anything or not.
public enum Effort: String, Sendable, Codable, CaseIterable {
    /// The sum of the channels, one track, nominal speed.
    case fast
    /// Every channel that differs, six tracks each, for several copies mixed; then a place found without the pilot, and
    /// the likeliest change of speed, tempo or pitch.
    case normal
    /// Every channel that differs, twelve tracks each; then three places without the pilot, every frame without pilot
    /// and timeline (a minute of CPU for a thousand candidates), and the four likeliest changes.
    case exhaustive
}
