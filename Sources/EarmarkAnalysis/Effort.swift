internal import EarmarkAnswer
internal import EarmarkDetect

extension Effort {
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
