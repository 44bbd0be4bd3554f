internal import CMath
import EarmarkDSP
import EarmarkMark

/// Places a recording in the meeting by the timeline signs alone.
///
/// The pilot is the same in every period, so whoever holds a long recording, or a ticket, can work it out and take it
/// away. The timeline changes with every period. Its signs are compared with 65 s of the recording at every frame of
/// the meeting's schedule; from the best places the alignment is continued both ways.
struct PilotlessSearch {
    private let plan: CellPlan
    private let timeline: TimelineSearch
    private let transforms: any TransformProvider

    /// Frames of a piece (131 s) that is sharpened on its own, as the clock wanders.
    private static let pieceFrames = 8_192

    init(plan: CellPlan, timeline: TimelineSearch, transforms: any TransformProvider) {
        self.plan = plan
        self.timeline = timeline
        self.transforms = transforms
    }

    /// Up to `limit` alignments, the most promising first.
    func alignments(_ features: FeatureMatrix, limit: Int) -> [Alignment] {
        guard features.frames > ChipCorrelator.windowFrames else { return [] }
        let start = features.busiestStretch(ChipCorrelator.windowFrames)
        let found = places(features, from: start, limit: limit)
        return found.places(limit).map { ranked in
            let place = ranked.place
            return alignment(
                features, offset: place.frame - Int64(start), from: start, z: Double(place.sum) / found.deviation)
        }
    }

    /// The meeting frames at which the window fits best.
    private func places(_ features: FeatureMatrix, from start: Int, limit: Int) -> RankedPlaces {
        var correlator = ChipCorrelator(features, from: start, transforms: transforms)
        var plane = ChipCorrelator.Plane(cells: plan.timelineCells)
        var best = timeline.ranking(of: start, limit: limit)
        for periods in timeline.frames.periods(of: start) {
            correlator.forEachPlace(of: PeriodSigns(seed: timeline.seed), &plane, in: periods) { frame, _, _, sum in
                best.look(frame, sum)
            }
        }
        return best
    }

    /// Follows the line through `offset` (meeting frame minus recording frame) over the whole recording, piece by piece
    /// from the window outwards, each sharpened by the timeline.
    private func alignment(_ features: FeatureMatrix, offset: Int64, from start: Int, z: Double) -> Alignment {
        let size = PilotlessSearch.pieceFrames
        let count = max(1, features.frames / size)
        let bounds = (0...count).map { features.frames * $0 / count }
        let home = min(count - 1, max(0, bounds.lastIndex { $0 <= start } ?? 0))
        let period = Int64(FeatureLayout.framesPerPeriod)
        let low = floorDivide(offset, period) - 1
        let high = floorDivide(offset + Int64(features.frames), period) + 2
        let signs = SharedSigns(timelineOf: plan, seed: timeline.seed, periods: low..<high)
        let refiner = TrackRefiner(signs: signs)
        var pieces: [Int: TrackPiece] = [:]
        func settle(_ index: Int, from neighbour: TrackPiece?) {
            var piece = TrackPiece(frames: bounds[index]..<bounds[index + 1], offset: Double(offset), slope: 0)
            if let neighbour {
                piece.slope = neighbour.slope
                piece.offset = neighbour.meetingFrame(piece.middle) - piece.middle
            }
            pieces[index] = refiner.refine(Track(pieces: [piece], score: 0), features: features).pieces[0]
        }
        settle(home, from: nil)
        for index in home + 1..<max(home + 1, count) { settle(index, from: pieces[index - 1]) }
        for index in stride(from: home - 1, through: 0, by: -1) { settle(index, from: pieces[index + 1]) }
        let track = Track(pieces: (0..<count).compactMap { pieces[$0] }, score: 0)
        let learnt = DipoleWeights.learn(track, features: features, signs: signs)
        // Chips of these pieces count from the meeting's origin. Presence stays unproven: the timeline chose the place.
        return Alignment(
            placed: track.pieces.map { .init(piece: $0, basePeriod: 0) }, dipoleWeights: learnt.weights, pilotScore: 0,
            pilotMean: learnt.mean, timelineZ: z, log10Presence: 0)
    }
}
