import EarmarkDSP
import EarmarkMark

/// Places a recording in the meeting by each candidate's own signs, for one from which pilot and timeline were both
/// removed.
///
/// Whoever holds a ticket knows the signs that all clients share, and can take them out of a recording. What is left
/// has nothing that says when it was made, so every candidate is tried at every frame of the meeting's schedule. All of
/// these placements are paid for (docs/statistics.md, section 4a): straight lines at the meeting's own speed through at
/// most 131 s, all dipoles weighing the same.
struct IdentitySearch {
    private let plan: CellPlan
    private let seeds: [Seed]
    private let frames: SearchedFrames
    private let transforms: any TransformProvider

    /// Placements of one candidate that are returned at most.
    private static let limit = 4
    /// z in the window of 65 s below which a placement is not worth scoring: a mark that can just be named (9.1 over
    /// 131 s) shows 6.4 there, give or take 0.7; of a thousand candidates at a million frames chance brings twenty to
    /// 5.5.
    private static let least: Float = 5.5
    /// Frames of the recording that identities are scored on: two windows, in which a drift of 300 ppm moves the ends
    /// by a frame.
    private static let scoredFrames = 2 * ChipCorrelator.windowFrames
    /// Frames of the shortest recording that is searched (1 s): fewer cells than z squared show nothing.
    private static let leastFrames = 64
    /// Frames around a placement that others of the same candidate may not use: the width of the peak.
    private static let exclusion: Int64 = 6

    /// A candidate's own signs fit at this meeting frame.
    private struct Place {
        var candidate: Int
        /// Meeting frame that the window's first frame shows.
        var frame: Int64
        var z: Float
    }

    init(plan: CellPlan, seeds: [Seed], frames: SearchedFrames, transforms: any TransformProvider) {
        self.plan = plan
        self.seeds = seeds
        self.frames = frames
        self.transforms = transforms
    }

    /// Members of the family that this search tests for each candidate: what has to be paid for.
    var placementCount: Int { frames.count }

    /// The placements at which a candidate's own signs fit, with that candidate, the best of each first.
    ///
    /// Each is one of `placements`.
    ///
    /// Nobody else is to be scored there, and none is left out for another's sake: what is found out about one must not
    /// depend on the signs of another, who is not named (docs/statistics.md, section 11).
    func alignments(_ features: FeatureMatrix) -> [(candidate: Int, alignment: Alignment)] {
        guard features.frames >= IdentitySearch.leastFrames else { return [] }
        let start = features.busiestStretch(ChipCorrelator.windowFrames)
        let scored = IdentitySearch.scored(around: start, of: features.frames)
        return places(features, from: start).map { place in
            let piece = TrackPiece(frames: scored, offset: Double(place.frame - Int64(start)), slope: 0)
            let alignment = Alignment(
                placed: [.init(piece: piece, basePeriod: 0)],
                dipoleWeights: .init(repeating: 1, count: MarkLayout.dipoleCount), pilotScore: 0, pilotMean: 0,
                timelineZ: 0, log10Presence: 0)
            return (place.candidate, alignment)
        }
    }

    /// The frames that identities are scored on, the window in their middle where the recording allows it.
    private static func scored(around start: Int, of frames: Int) -> Range<Int> {
        let count = min(frames, scoredFrames)
        let first = start - max(0, count - ChipCorrelator.windowFrames) / 2
        let lower = min(max(0, first), frames - count)
        return lower..<lower + count
    }

    private func places(_ features: FeatureMatrix, from start: Int) -> [Place] {
        var correlator = ChipCorrelator(features, from: start, transforms: transforms)
        var plane = ChipCorrelator.Plane(cells: plan.identityCells)
        let deviations = inverseDeviations(features, from: start, chips: correlator.chips)
        var all: [Place] = []
        for (candidate, seed) in seeds.enumerated() {
            var best: [Place] = []
            correlator.forEachPlace(of: PeriodSigns(seed: seed), &plane, in: frames.expected) {
                frame, phase, chip, sum in
                let z = sum * deviations[phase][chip]
                guard z >= IdentitySearch.least else { return }
                IdentitySearch.insert(Place(candidate: candidate, frame: frame, z: z), into: &best)
            }
            all += best
        }
        return all
    }

    /// Keeps a candidate's best places, one of each peak.
    private static func insert(_ place: Place, into best: inout [Place]) {
        func isNear(_ other: Place) -> Bool { abs(other.frame - place.frame) <= exclusion }
        guard !best.contains(where: { isNear($0) && $0.z >= place.z }) else { return }
        best.removeAll(where: isNear)
        let index = best.firstIndex { $0.z < place.z } ?? best.count
        best.insert(place, at: index)
        if best.count > limit { best.removeLast() }
    }

    /// One over the root of the energy that the window has in identity cells, by frame of the chip and chip of the
    /// period at which it begins.
    private func inverseDeviations(_ features: FeatureMatrix, from start: Int, chips: Int) -> [[Float]] {
        let size = MarkLayout.chipsPerPeriod
        let dipoles = MarkLayout.dipoleCount
        return (0..<FeatureLayout.framesPerChip).map { phase in
            var squares = [Float](repeating: 0, count: MarkLayout.cellsPerPeriod)
            for chip in 0..<chips {
                let row = (start + FeatureLayout.framesPerChip * chip + phase) * FeatureMatrix.columns
                for dipole in 0..<dipoles {
                    let value = Float(features.values[row + dipole])
                    squares[(chip & (size - 1)) * dipoles + dipole] += value * value
                }
            }
            return (0..<size).map { first in
                var energy: Float = 0
                for cell in plan.identityCells {
                    let chip = (Int(cell) / dipoles - first) & (size - 1)
                    energy += squares[chip * dipoles + Int(cell) % dipoles]
                }
                return energy > 0 ? 1 / energy.squareRoot() : 0
            }
        }
    }
}
