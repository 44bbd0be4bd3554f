internal import CMath
package import EarmarkDSP
package import EarmarkMark

/// How many alignments are tried on every channel; each is paid for whether it exists or not, since the number must be known
/// before any identity is scored.
public struct SearchBreadth: Sendable, Equatable {
    /// Paths through the recording that are followed at most, > 0: copies with other delays, echoes, two meetings.
    public var tracks: Int
    /// Alignments along straight lines that are tried at most where the paths prove nothing, >= 0.
    public var lines: Int

    /// Alignments that are tried at most without the pilot, where nothing was found with it, >= 0.
    public var pilotless: Int
    /// Whether, where all of those show nobody, every candidate is tried at every frame of the meeting's schedule.
    public var triesEveryFrame: Bool

    /// Paths, lines, alignments without the pilot, and whether a search without pilot and timeline ends it.
    public init(tracks: Int, lines: Int = 0, pilotless: Int = 0, triesEveryFrame: Bool = false) {
        self.tracks = max(1, tracks)
        self.lines = max(0, lines)
        self.pilotless = max(0, pilotless)
        self.triesEveryFrame = triesEveryFrame
    }

    /// Hypotheses that a channel costs, those at every frame not counted.
    public var alignments: Int { tracks + lines + pilotless }
}

/// Finds where in the meeting a recording was made, by pilot and timeline alone.
package struct Locator: Sendable {
    private let plan: CellPlan
    private let timeline: TimelineSearch
    private let transforms: any TransformProvider
    private let breadth: SearchBreadth
    private let pilot: ReferenceSigns
    private let refiner: TrackRefiner

    /// Segments of a window (2.3 hours): 4 MB of correlations.
    private static let windowSegments = 2_048
    /// Presence, log10, beyond which the first track needs no help from lines; the scale on which threshold 1e-9 is usual.
    private static let certain = -9.0
    /// Evidence from which on a line is tried whatever else is found, standard deviations in the mean of its stretches: the best
    /// line through noise shows 4 to 5 in each.
    private static let standsOut = 5.5
    /// Meeting times that are kept of a line: where its timeline evidence is weak the right one is seldom the very best of thousands.
    private static let timesPerLine = 8

    package init(plan: CellPlan, timeline: TimelineSearch, transforms: any TransformProvider, breadth: SearchBreadth) {
        self.plan = plan
        self.timeline = timeline
        self.transforms = transforms
        self.breadth = breadth
        pilot = ReferenceSigns(pilotOf: plan)
        refiner = TrackRefiner(reference: pilot)
    }

    /// Tracks, refined and placed in the meeting: at most `breadth.tracks + breadth.lines`.
    package func locate(_ features: FeatureMatrix) -> [Alignment] {
        let found = search(features)
        var alignments = found.tracks.compactMap { place($0, features, times: 1).first }
        // Weak copies beside strong ones: a path must beat what a path gathers from noise, a line much less.
        for line in found.lines where line.score >= Locator.standsOut * Double(line.pieces.count).squareRoot() {
            append(place(line, features, times: 1), to: &alignments)
        }
        guard alignments.allSatisfy({ $0.log10Presence > Locator.certain }) else { return alignments }
        // Nothing is proven: try what lines show, the most promising first.
        var further = found.lines.flatMap { place($0, features, times: Locator.timesPerLine) }
        further.sort { $1.evidence < $0.evidence }
        append(further, to: &alignments)
        return alignments
    }

    /// Adds what reads other cells than those at hand, as far as it is paid for.
    private func append(_ further: [Alignment], to alignments: inout [Alignment]) {
        for alignment in further where alignments.count < breadth.tracks + breadth.lines {
            if !alignments.contains(where: { alignment.isSame(as: $0) }) { alignments.append(alignment) }
        }
    }

    /// Alignments by the timeline alone, at most `breadth.pilotless`, for recordings whose pilot was removed.
    package func locateWithoutPilot(_ features: FeatureMatrix) -> [Alignment] {
        guard breadth.pilotless > 0 else { return [] }
        return PilotlessSearch(plan: plan, timeline: timeline, transforms: transforms)
            .alignments(features, limit: breadth.pilotless)
    }

    private func place(_ track: Track, _ features: FeatureMatrix, times: Int) -> [Alignment] {
        let refined = refiner.refine(track, features: features)
        let learnt = DipoleWeights.learn(refined, features: features, reference: pilot)
        return timeline.places(refined, weights: learnt.weights, features: features, limit: times).map {
            var alignment = $0
            alignment.pilotMean = learnt.mean
            return alignment
        }
    }

    /// Tracks and lines of the whole recording, found window by window: hours of correlations would not fit.
    ///
    /// The strongest tracks of all windows make the first track, and so on; pieces are placed in the meeting one by one, so
    /// they need not belong to one source.
    private func search(_ features: FeatureMatrix) -> (tracks: [Track], lines: [Track]) {
        let segments = features.frames / PilotCorrelator.segmentFrames
        let windows = max(1, (segments + Locator.windowSegments - 1) / Locator.windowSegments)
        var correlator = PilotCorrelator(plan: plan, transforms: transforms)
        var tracks: [Track] = []
        var lines: [Track] = []
        for window in 0..<windows {
            let range = segments * window / windows..<segments * (window + 1) / windows
            let isLast = window == windows - 1
            let end = isLast ? features.frames : range.upperBound * PilotCorrelator.segmentFrames
            let correlations = correlator.correlate(features, window: range)
            if breadth.lines > 0 {
                let search = LineSearch(correlations: correlations, firstSegment: range.lowerBound)
                // Long recordings have evidence enough for paths, and every line costs a pass over them.
                let stretches = max(1, segments / LineSearch.longestSegments)
                Locator.join(search.lines(limit: max(1, breadth.lines / stretches), end: end), to: &lines)
            }
            var finder = TrackFinder(correlations: correlations, frames: end, firstSegment: range.lowerBound)
            Locator.join(finder.tracks(limit: breadth.tracks), to: &tracks)
        }
        return (tracks, lines)
    }

    private static func join(_ found: [Track], to joined: inout [Track]) {
        for (rank, track) in found.enumerated() {
            if rank < joined.count { joined[rank].append(track) } else { joined.append(track) }
        }
    }
}

extension Alignment {
    /// Log-likelihood of pilot and timeline together, as far as both are normal: what ranks alignments before identities are looked
    /// at.
    fileprivate var evidence: Double {
        let pilot = max(0, pilotScore)
        let time = max(0, timelineZ)
        return (pilot * pilot + time * time) / 2 - timeCost
    }

    /// Whether another alignment reads the same cells: every piece's middle shows the same time there, to within a chip.
    fileprivate func isSame(as other: Alignment) -> Bool {
        placed.allSatisfy { mine in
            let middle = mine.piece.middle
            guard let theirs = other.placed.first(where: { $0.piece.frames.contains(Int(middle)) }) else {
                return false
            }
            let difference =
                mine.piece.meetingFrame(middle) - theirs.piece.meetingFrame(middle)
                + Double(mine.basePeriod - theirs.basePeriod) * Double(FeatureLayout.framesPerPeriod)
            return abs(difference) < Double(FeatureLayout.framesPerChip)
        }
    }
}
