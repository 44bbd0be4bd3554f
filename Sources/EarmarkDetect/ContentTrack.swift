import EarmarkDSP
import EarmarkMark

/// What the host did before each chip, as a recording shows it: the changes whose signs make the words of content
/// cells (`ContentLayout`).
struct ContentTrack {
    /// Level of each group of bands less that of the one below, over a window that begins at a frame, decibels.
    ///
    /// Two vectors a frame, 13 lanes of which count.
    private var slopes: [SIMD8<Float>] = []
    private var known = 0
    /// Whether each difference is between groups that the recording carries at all, by lane.
    private var isHeard = [Bool](repeating: false, count: 16)

    /// What a decibel is stored as.
    static let unitsPerDecibel: Float = 4
    /// Frames of a window.
    private static let window = 8
    /// Frames from the earlier window to the later one.
    private static let spacing = 16
    /// Frames from the beginning of the later window to the frame that is centred on the chip: the window ends when
    /// the gain begins to move, 0.3 chips before the chip, and a row of powers is centred a hop and a half behind its
    /// frame.
    private static let lead = 10
    /// Added to powers: keeps logarithms finite in digital silence, and what is far below a step of 16 bits still.
    private static let leastPower: Float = 1e-9
    /// Mean power of a group, relative to the strongest one's, below which it is empty: a codec or a telephone took
    /// it, and what little is there tells of nothing (-65 dB; speech keeps 50 dB between its groups).
    private static let least: Float = 3e-7
    /// Decibels of a power ratio per octave.
    private static let decibelsPerOctave: Float = 3.010_299_957

    /// Takes in `frames` rows of band powers.
    mutating func measure(_ powers: [SIMD8<Float>], frames: Int) {
        let row = BandAnalyzer.rowVectors
        let width = FeatureLayout.rowVectors
        known = max(0, frames - ContentTrack.window + 1)
        if slopes.count < 2 * known { slopes += repeatElement(.zero, count: 2 * known - slopes.count) }
        var totals = (SIMD8<Float>.zero, SIMD8<Float>.zero)
        for frame in 0..<known {
            var levels = (SIMD8<Float>.zero, SIMD8<Float>.zero)
            for vector in 0..<width {
                var sum = SIMD8<Float>.zero
                for step in frame..<frame + ContentTrack.window {
                    sum += powers[step * row + vector] + powers[step * row + width + vector]
                }
                let groups = sum.evenHalf + sum.oddHalf
                switch vector {
                case 0: levels.0.lowHalf = groups
                case 1: levels.0.highHalf = groups
                case 2: levels.1.lowHalf = groups
                default: levels.1.highHalf = groups
                }
            }
            totals = (totals.0 + levels.0, totals.1 + levels.1)
            let low = (levels.0 + ContentTrack.leastPower).log2OfNormal * ContentTrack.decibelsPerOctave
            let high = (levels.1 + ContentTrack.leastPower).log2OfNormal * ContentTrack.decibelsPerOctave
            let lowAbove = SIMD8<Float>(low[1], low[2], low[3], low[4], low[5], low[6], low[7], high[0])
            let highAbove = SIMD8<Float>(high[1], high[2], high[3], high[4], high[5], high[6], high[7], high[7])
            slopes[2 * frame] = lowAbove - low
            slopes[2 * frame + 1] = highAbove - high
        }
        judge((0..<ContentLayout.groupCount).map { $0 < 8 ? totals.0[$0] : totals.1[$0 - 8] })
    }

    /// Takes note of the groups that are empty; `totals` are sums of their powers.
    private mutating func judge(_ totals: [Float]) {
        let least = ContentTrack.least * (totals.max() ?? 0)
        for difference in 0..<ContentLayout.differenceCount {
            isHeard[difference] = totals[difference] > least && totals[difference + 1] > least
        }
    }

    /// Differences of which there are fewer where a telephone took the upper half of the band (7 of 13 below 4 kHz).
    private static let wideband = 10

    /// Whether the recording carries no more than a telephone does.
    var isNarrow: Bool { isHeard.prefix(ContentLayout.differenceCount).count(where: \.self) < ContentTrack.wideband }

    /// Appends the changes before the chip centred at `frame`; where the recording had not begun, nothing changed.
    func write(_ frame: Int, to features: inout FeatureMatrix) {
        var row = [Int8](repeating: 0, count: ContentLayout.differenceCount)
        let late = frame - ContentTrack.lead
        let early = late - ContentTrack.spacing
        if early >= 0, late < known {
            for difference in row.indices where isHeard[difference] {
                let vector = difference / 8
                let change = slopes[2 * late + vector][difference % 8] - slopes[2 * early + vector][difference % 8]
                row[difference] = Int8(max(-127, min(127, (change * ContentTrack.unitsPerDecibel).rounded())))
            }
        }
        features.append(changes: row)
    }
}
