import EarmarkDSP
import EarmarkMark

/// Band powers in, features out, in chunks of about a minute, so that memory does not grow with the recording.
///
/// Per frame f and dipole (docs/signal-design.md, "Features"): the difference of log power of the two bands averaged
/// over a chip, minus its local mean (the host), over its local deviation, clipped, times how far both bands stand
/// above the noise floor. No step sees a key: the same features serve every meeting and every candidate.
package struct FeatureExtractor {
    /// Frames of a chunk (65.5 s): long enough for a 5 % quantile, short enough to follow a changing room.
    package static let chunkFrames = 4_096
    /// Frames of context on either side of a chunk: half the local mean, half the deviation, a chip, and the chip
    /// beside it.
    package static let margin = 160

    private var powers: [SIMD8<Float>] = []
    /// Frames of `powers` that precede the next chunk as its left context.
    private var context = 0
    private var workspace: FeatureChunk
    /// Frame of the recording that `powers` begins with.
    private var first = 0

    /// `host` is what a reference holds at every frame, to be taken out; nil without one.
    ///
    /// With `isForSearch` the features find marks but cannot tell their level: peaks and slopes are left out.
    package init(host: HostTrack? = nil, isForSearch: Bool = false) {
        workspace = FeatureChunk(host: host, isForSearch: isForSearch)
    }

    /// Takes rows of `BandAnalyzer` and appends the features of all complete chunks.
    package mutating func append(_ rows: [SIMD8<Float>], to features: inout FeatureMatrix) {
        powers.append(contentsOf: rows)
        while frameCount >= context + FeatureExtractor.chunkFrames + FeatureExtractor.margin {
            // No frame more, however many have come: results must not depend on how the stream is cut.
            emit(
                FeatureExtractor.chunkFrames, of: context + FeatureExtractor.chunkFrames + FeatureExtractor.margin,
                to: &features)
        }
    }

    /// Appends the features of what is left at the end of the recording.
    package mutating func finish(_ features: inout FeatureMatrix) {
        // The last frames have no whole chip behind them.
        let rest = frameCount - context - (FeatureLayout.framesPerChip - 1)
        if rest > 0 { emit(rest, of: frameCount, to: &features) }
        powers.removeAll(keepingCapacity: true)
        context = 0
        first = 0
    }

    private var frameCount: Int { powers.count / BandAnalyzer.rowVectors }

    /// Appends `count` rows of features, computed from the first `frames` frames at hand.
    private mutating func emit(_ count: Int, of frames: Int, to features: inout FeatureMatrix) {
        workspace.compute(powers, frames: frames, first: first)
        workspace.write(context..<context + count, to: &features)
        let keepFrom = max(0, context + count - FeatureExtractor.margin)
        powers.removeFirst(keepFrom * BandAnalyzer.rowVectors)
        context = context + count - keepFrom
        first += keepFrom
    }
}

/// The working memory of one chunk; every array is frames x 4 vectors.
struct FeatureChunk {
    private typealias Lanes = SIMD8<Float>
    private static let width = FeatureLayout.rowVectors

    private var difference: [SIMD8<Float>] = []
    private var reliability: [SIMD8<Float>] = []
    private var prominence: [SIMD8<Float>] = []
    private var residual: [SIMD8<Float>] = []
    private var feature: [SIMD8<Float>] = []
    private var matched: [SIMD8<Float>] = []
    private var slope: [SIMD8<Float>] = []
    private var scratch: [SIMD8<Float>] = []
    private var floors = FloorEstimator()
    private var peaks = CellPeaks()
    private let host: HostTrack?
    private let isForSearch: Bool
    private var subtraction = HostSubtraction()
    private var content = ContentTrack()

    init(host: HostTrack? = nil, isForSearch: Bool = false) {
        self.host = host
        self.isForSearch = isForSearch
    }

    /// Frames of the local mean: 4 s follow the talker and the room, not the chips.
    private static let meanWindow = FeatureKernels.Window(half: 125, leastWeight: 0.02)
    /// Frames of the local deviation: 9 chips in all.
    private static let deviationWindow = FeatureKernels.Window(half: 18, leastWeight: 0.02)
    /// Square decibels and deviations.
    private static let limits = FeatureKernels.Limits(largestSquare: 150, clip: 1.4)

    /// `first` is the frame of the recording that `powers` begins with.
    mutating func compute(_ powers: [SIMD8<Float>], frames: Int, first: Int = 0) {
        let valid = frames - (FeatureLayout.framesPerChip - 1)
        guard valid > 0 else { return }
        floors.estimate(powers, frames: frames)
        if !isForSearch {
            peaks.find(powers, valid: valid)
            content.measure(powers, frames: frames)
        }
        measure(powers, valid)
        removeLocalMean(valid)
        if let host {
            subtraction.subtract(
                host, from: &residual, first: first, valid: valid, powers: powers, floors: floors,
                reliability: reliability, over: FeatureChunk.meanWindow)
        }
        normalise(valid)
        FeatureChunk.grow(&matched, valid)
        FeatureKernels.match(feature, valid: valid, into: &matched)
    }

    /// Copies rows of the chunk out, quantised.
    func write(_ range: Range<Int>, to features: inout FeatureMatrix) {
        for frame in range {
            let row = frame * FeatureChunk.width
            features.append(
                matched[row], matched[row + 1], matched[row + 2], matched[row + 3],
                peaks: isForSearch ? 0 : peaks.masks[frame])
            if !isForSearch, features.frames & 1 == 1 { content.write(frame, to: &features) }
            if !isForSearch, content.isNarrow { features.countNarrow() }
        }
        if !isForSearch { writeSlopes(range, to: &features) }
    }

    private func writeSlopes(_ range: Range<Int>, to features: inout FeatureMatrix) {
        var sums = [SIMD8<Float>](repeating: .zero, count: FeatureChunk.width)
        var heard = sums
        for frame in range {
            for vector in 0..<FeatureChunk.width {
                let index = frame * FeatureChunk.width + vector
                sums[vector] += slope[index]
                heard[vector] += slope[index] * FeatureKernels.share(ofReliability: reliability[index])
            }
        }
        features.addSlopes(sums, heard: heard)
        for dipole in 0..<FeatureMatrix.columns {
            var sum: Float = 0
            for frame in range where peaks.masks[frame] >> UInt32(dipole) & 1 == 1 {
                sum += slope[frame * FeatureChunk.width + dipole / 8][dipole % 8]
            }
            features.addPeakSlope(sum, dipole: dipole)
        }
    }

    /// Chip-averaged difference of levels in decibels, reliability 0...1 and prominence.
    private mutating func measure(_ powers: [SIMD8<Float>], _ valid: Int) {
        FeatureChunk.grow(&difference, valid)
        FeatureChunk.grow(&reliability, valid)
        FeatureChunk.grow(&prominence, valid)
        FeatureKernels.measure(
            powers: powers, valid: valid, floors: floors, difference: &difference, reliability: &reliability,
            prominence: &prominence, scratch: &scratch)
    }

    private mutating func removeLocalMean(_ valid: Int) {
        FeatureChunk.grow(&residual, valid)
        FeatureKernels.removeLocalMean(
            of: difference, reliability: reliability, valid: valid, over: FeatureChunk.meanWindow, residual: &residual)
    }

    private mutating func normalise(_ valid: Int) {
        FeatureChunk.grow(&feature, valid)
        FeatureChunk.grow(&slope, valid)
        FeatureKernels.normalise(
            residual, reliability: reliability, prominence: prominence, valid: valid,
            over: FeatureChunk.deviationWindow,
            limits: FeatureChunk.limits, feature: &feature, slope: &slope)
    }

    private static func grow(_ array: inout [SIMD8<Float>], _ frames: Int) {
        let missing = frames * width - array.count
        if missing > 0 { array.append(contentsOf: repeatElement(.zero, count: missing)) }
    }
}
