import EarmarkDSP
import EarmarkMark

/// Places a recording of up to 65 s in the meeting by pilot and timeline together.
///
/// A few seconds hold too few pilot cells for a path or a line, and too few timeline cells to tell the period
/// afterwards. Together they have three quarters of the identity cells' number, and are compared with the whole
/// recording at every frame of the meeting's schedule, and of a stated window, on a straight line at the meeting's own
/// speed.
struct ShortSearch {
    private let plan: CellPlan
    private let timeline: TimelineSearch
    private let transforms: any TransformProvider

    /// Evidence of the best place, natural log, from which on it is tried before all else: that of 6 standard
    /// deviations, which chance brings once in thousands of recordings where it brings 4 to 5 among half a million
    /// frames; a stated time takes the place of some.
    static let standsOut = 18.0

    init(plan: CellPlan, timeline: TimelineSearch, transforms: any TransformProvider) {
        self.plan = plan
        self.timeline = timeline
        self.transforms = transforms
    }

    /// A place, and how far it stands out.
    struct Found {
        /// Neither sharpened nor with weights.
        var alignment: Alignment
        /// Natural log of how likely pilot, timeline and what was stated make it.
        var evidence: Double
    }

    /// Up to `limit` places, the most promising first; none for longer recordings.
    func places(_ features: FeatureMatrix, limit: Int) -> [Found] {
        guard (FeatureLayout.framesPerChip...ChipCorrelator.windowFrames).contains(features.frames) else { return [] }
        var correlator = ChipCorrelator(features, from: 0, transforms: transforms)
        var plane = ChipCorrelator.Plane(cells: plan.timelineCells)
        plane.fix(plan.pilotCells, signs: plan.pilotSigns.map(Float.init))
        var best = timeline.ranking(of: 0, limit: limit)
        for periods in timeline.frames.periods(of: 0) {
            correlator.forEachPlace(of: PeriodSigns(seed: timeline.seed), &plane, in: periods) { frame, _, _, sum in
                best.look(frame, sum)
            }
        }
        return best.places(limit).map { ranked in
            let place = alignment(ranked.place, features)
            let z = max(0, place.z)
            return Found(alignment: place.alignment, evidence: z * z / 2 + timeline.weight(ofFrame: ranked.place.frame))
        }
    }

    private func alignment(
        _ place: BestPlaces.Place, _ features: FeatureMatrix
    ) -> (alignment: Alignment, z: Double) {
        let piece = TrackPiece(frames: 0..<features.frames, offset: Double(place.frame), slope: 0)
        let size = Int64(FeatureLayout.framesPerPeriod)
        let periods =
            floorDivide(place.frame, size) - 1..<floorDivide(place.frame + Int64(features.frames), size) + 2
        let pilot = evidence(piece, features, SharedSigns(pilotOf: plan))
        let time = evidence(piece, features, SharedSigns(timelineOf: plan, seed: timeline.seed, periods: periods))
        func z(_ evidence: (sum: Double, energy: Double)) -> Double {
            evidence.energy > 0 ? evidence.sum / evidence.energy.squareRoot() : 0
        }
        // Presence stays unproven: pilot and timeline chose the place.
        let alignment = Alignment(
            placed: [.init(piece: piece, basePeriod: 0)],
            dipoleWeights: .init(repeating: 1, count: MarkLayout.dipoleCount), pilotScore: z(pilot), pilotMean: 0,
            timelineZ: z(time), log10Presence: 0)
        return (alignment, z((pilot.sum + time.sum, pilot.energy + time.energy)))
    }

    /// Sum of feature times sign over the cells of `signs`, and the sum of the features' squares there.
    private func evidence(
        _ piece: TrackPiece, _ features: FeatureMatrix, _ signs: SharedSigns
    ) -> (sum: Double, energy: Double) {
        var (sum, energy) = (0.0, 0.0)
        FeatureSampler.forEachChip(piece, chips: FeatureSampler.chips(of: piece), frames: features.frames) {
            chip, row, share in
            for cell in signs.cells(ofChip: chip) {
                let value = Double(FeatureSampler.value(features, row, share, Int(signs.dipoles[cell])))
                sum += value * Double(signs.signs[cell])
                energy += value * value
            }
        }
        return (sum, energy)
    }
}
