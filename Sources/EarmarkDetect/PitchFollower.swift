package import EarmarkMark

/// Follows the pitch of a recording whose voices were changed by a factor that drifts, as live voice changers' does.
///
/// Looks at every block of 16 s at nine pitches around the one that a search found for a stretch, by the pilot alone,
/// and takes the path through the blocks on which the pilot stands out most.
package struct PitchFollower {
    /// Pitches to either side of the one that was found, `WarpGrid.pitchStep` apart: 3.2 %.
    private static let reach = 4
    /// What moving to the next pitch costs, standard deviations of a block's pilot; a block may move by two.
    private static let moveCost = 1.0
    private static let farthestMove = 2
    /// A path must gather so much more than one pitch throughout, for every block, to be taken: one that follows noise
    /// gathers half of that.
    private static let leastGain = 1.0

    /// Features at one pitch.
    private struct Lane {
        var integrator: BandIntegrator
        var extractor = FeatureExtractor(isForSearch: true)
        var features = FeatureMatrix()
        var rows: [SIMD8<Float>] = []
        /// Evidence of each block.
        var scores: [Double] = []

        mutating func take(_ powers: [Float]) { integrator.append(powers, at: 0, to: &rows) }

        mutating func extract() {
            extractor.append(rows, to: &features)
            rows.removeAll(keepingCapacity: true)
        }

        mutating func finish() { extractor.finish(&features) }
    }

    private let warp: Warp
    private let pitches: [Double]
    private var lanes: [Lane]
    private var correlator: ImpulseCorrelator

    package init(plan: CellPlan, warp: Warp) {
        self.warp = warp
        pitches = (-PitchFollower.reach...PitchFollower.reach).map {
            min(BandIntegrator.highestPitch, warp.pitch + Double($0) * WarpGrid.pitchStep)
        }
        lanes = pitches.map { Lane(integrator: BandIntegrator(pitch: $0)) }
        correlator = ImpulseCorrelator(plan: plan)
    }

    /// Whether a warp is such as voice changers make: pitch moved, and not by playing faster or slower.
    package static func isWorthwhile(_ warp: Warp) -> Bool {
        abs(warp.pitch - 1) > WarpGrid.pitchStep / 2 && abs(warp.pitch - warp.rate) > WarpGrid.pitchStep / 2
    }

    /// Takes the power spectrum of a frame.
    package mutating func append(_ powers: [Float]) {
        for lane in lanes.indices { lanes[lane].take(powers) }
        if lanes[0].rows.count >= PitchPath.blockFrames * BandAnalyzer.rowVectors { measure() }
    }

    /// The path through all frames; nil where one pitch does as well.
    package mutating func finish() -> PitchPath? {
        measure()
        for lane in lanes.indices {
            lanes[lane].finish()
            take(lane, isLast: true)
        }
        let blocks = lanes[0].scores.count
        guard blocks > 1 else { return nil }
        let constant = lanes.map { $0.scores.reduce(0, +) }.max() ?? 0
        let (path, score) = bestPath(blocks)
        guard score - constant >= PitchFollower.leastGain * Double(blocks) else { return nil }
        return PitchPath(pitches: path.map { pitches[$0] })
    }

    private mutating func measure() {
        for lane in lanes.indices {
            lanes[lane].extract()
            take(lane, isLast: false)
        }
    }

    /// Turns features into the evidence of their blocks; what is left at the end belongs to the last block.
    private mutating func take(_ lane: Int, isLast: Bool) {
        let features = lanes[lane].features
        let size = PitchPath.blockFrames
        guard isLast || features.frames >= FeatureExtractor.chunkFrames else { return }
        for block in 0..<features.frames / size {
            let rows = features.rows(block * size..<(block + 1) * size).resampled(rate: warp.rate)
            let correlations = correlator.correlate(rows)
            lanes[lane].scores.append(LineSearch(correlations: correlations, firstSegment: 0).highest().score)
        }
        lanes[lane].features = FeatureMatrix()
    }

    private func bestPath(_ blocks: Int) -> (path: [Int], score: Double) {
        var totals = lanes.map { $0.scores[0] }
        var moves: [[Int]] = []
        for block in 1..<blocks {
            let before = totals
            var from = [Int](repeating: 0, count: lanes.count)
            for lane in lanes.indices {
                let near = lanes.indices.filter { abs($0 - lane) <= PitchFollower.farthestMove }
                func reached(_ other: Int) -> Double {
                    before[other] - PitchFollower.moveCost * Double(abs(other - lane))
                }
                from[lane] = near.max { reached($0) < reached($1) } ?? lane
                totals[lane] = reached(from[lane]) + lanes[lane].scores[block]
            }
            moves.append(from)
        }
        var lane = totals.indices.max { totals[$0] < totals[$1] } ?? 0
        let score = totals[lane]
        var path = [lane]
        for from in moves.reversed() {
            lane = from[lane]
            path.append(lane)
        }
        return (path.reversed(), score)
    }
}
