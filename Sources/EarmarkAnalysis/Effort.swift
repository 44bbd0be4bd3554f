internal import EarmarkDetect

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

    /// Alignments on every channel: paths for copies with other delays, lines for marks too weak for paths.
    var breadth: SearchBreadth {
        switch self {
        case .fast: SearchBreadth(tracks: 1, lines: 3)
        case .normal: SearchBreadth(tracks: 6, lines: 14, pilotless: 1, times: 128)
        case .exhaustive: SearchBreadth(tracks: 12, lines: 24, pilotless: 3, times: 512, triesEveryFrame: true)
        }
    }

    var examinesChannels: Bool { self != .fast }

    /// Warps (changes of speed, tempo or pitch) that are followed up when nobody is found without.
    var warps: Int {
        switch self {
        case .fast: 0
        case .normal: 1
        case .exhaustive: 4
        }
    }
}
