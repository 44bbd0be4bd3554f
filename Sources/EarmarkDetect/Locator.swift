internal import CMath
package import EarmarkDSP
package import EarmarkMark

/// Where in the meeting a recording may have been made.
package struct Located: Sendable {
    /// What pilot and timeline speak for.
    package var alignments: [Alignment] = []
    /// Other times of the best straight line, the likeliest first and not yet sharpened: for a mark so weak that its
    /// timeline cannot tell the time.
    package var furtherTimes: [Alignment] = []
}

/// Finds where in the meeting a recording was made, by pilot and timeline alone.
package struct Locator: Sendable {
    private let plan: CellPlan
    private let timeline: TimelineSearch
    private let transforms: any TransformProvider
    private let breadth: SearchBreadth
    private let pilot: SharedSigns
    private let refiner: TrackRefiner

    /// Segments of a window (2.3 hours): 4 MB of correlations.
    private static let windowSegments = 2_048
    /// Evidence from which on a line stands out, standard deviations in the mean of its stretches.
    ///
    /// 26 recordings without the mark showed 2.5 to 3.8, the same after AMR-NB 4.75 and codec2 with the mark 3.8 to
    /// 6.8, the right line nearly always the best. Such lines are tried whatever else is found, and the best of them at
    /// further times.
    private static let standsOut = 4.2
    /// How far apart clients hear the same sound, frames (10 s): a weak copy's time is looked for as close to a proven
    /// one's.
    private static let besideFrames = 625.0
    /// Meeting periods over which pilot and timeline are used together at most (17 minutes).
    private static let sharpenedPeriods = 64
    /// The search for a recording of seconds; nil where it is not known which meeting that is of.
    private let short: ShortSearch?

    package init(
        plan: CellPlan, timeline: TimelineSearch, transforms: any TransformProvider, breadth: SearchBreadth,
        knowsMeeting: Bool = true
    ) {
        short = knowsMeeting ? ShortSearch(plan: plan, timeline: timeline, transforms: transforms) : nil
        self.plan = plan
        self.timeline = timeline
        self.transforms = transforms
        self.breadth = breadth
        pilot = SharedSigns(pilotOf: plan)
        refiner = TrackRefiner(signs: pilot)
    }

    /// Tracks, refined and placed in the meeting: at most `breadth.tracks + breadth.lines`, and at most `breadth.times`
    /// further times.
    package func locate(_ features: FeatureMatrix) -> Located {
        let found = search(features)
        var alignments = found.tracks.compactMap { place($0, features, times: 1).first }
        let places = alignments.contains(where: \.isProven) ? [] : shortPlaces(features)
        if let first = places.first { prefer(first, in: &alignments) }
        let pathCount = alignments.count
        // Weak copies beside strong ones: a path must beat what a path gathers from noise, a line much less.
        for line in found.lines where line.score >= Locator.standsOut * Double(line.pieces.count).squareRoot() {
            append(likeliest(line, features, beside: alignments.first).map { [$0] } ?? [], to: &alignments)
        }
        guard !alignments.contains(where: \.isProven) else {
            return Located(alignments: alignments.map { sharpened($0, features, isWeak: false) })
        }
        // Nothing is proven: try what lines show, the most promising first.
        let best =
            found.lines.first.map { place($0, features, times: SearchBreadth.timesPerLine + times(of: $0)) } ?? []
        var further =
            places.map(\.alignment) + best.prefix(SearchBreadth.timesPerLine)
            + found.lines.dropFirst().flatMap { place($0, features, times: SearchBreadth.timesPerLine) }
        further.sort { $1.evidence < $0.evidence }
        append(further, to: &alignments)
        let others = best.filter { candidate in !alignments.contains { candidate.isSame(as: $0) } }
        return Located(
            alignments: alignments.enumerated().map { index, alignment in
                let isWeak = index >= pathCount && alignment.pilotScore >= Locator.standsOut
                return sharpened(alignment, features, isWeak: isWeak)
            },
            furtherTimes: Array(others.prefix(found.lines.first.map(times) ?? 0)))
    }

    /// Where a recording of seconds may lie, sharpened; the more promising first.
    private func shortPlaces(_ features: FeatureMatrix) -> [ShortSearch.Found] {
        (short?.places(features, limit: breadth.withPilot) ?? []).map { found in
            var sharp = found
            sharp.alignment = sharpened(found.alignment, features, isWeak: true)
            return sharp
        }
    }

    /// Puts the best place of a recording of seconds before all others, if it stands out; what reads the same cells
    /// stands for it, as that may prove presence.
    private func prefer(_ first: ShortSearch.Found, in alignments: inout [Alignment]) {
        guard first.evidence >= ShortSearch.standsOut else { return }
        let same = alignments.firstIndex { first.alignment.isSame(as: $0) }
        let chosen = same.map { alignments.remove(at: $0) } ?? first.alignment
        alignments.insert(chosen, at: 0)
        if alignments.count > breadth.withPilot { alignments.removeLast() }
    }

    /// Weights learnt from pilot and timeline together, and the line of a weak mark sharpened by both, once the time is
    /// chosen.
    ///
    /// That is half as many signs again as the pilot's alone. Recordings that spread over more than a quarter of an
    /// hour need no such help.
    func sharpened(_ alignment: Alignment, _ features: FeatureMatrix, isWeak: Bool) -> Alignment {
        var answer = alignment
        // Chips count from the meeting's origin.
        for index in answer.placed.indices {
            answer.placed[index].piece.offset +=
                Double(answer.placed[index].basePeriod) * Double(FeatureLayout.framesPerPeriod)
            answer.placed[index].basePeriod = 0
        }
        let chips = answer.placed.map { FeatureSampler.chips(of: $0.piece) }.filter { !$0.isEmpty }
        guard let low = chips.map(\.lowerBound).min(), let high = chips.map(\.upperBound).max() else {
            return alignment
        }
        let size = Int64(MarkLayout.chipsPerPeriod)
        let periods = floorDivide(Int64(low), size) - 1..<floorDivide(Int64(high), size) + 2
        guard periods.count <= Locator.sharpenedPeriods else { return alignment }
        let signs = SharedSigns(pilotAndTimelineOf: plan, seed: timeline.seed, periods: periods)
        var track = Track(pieces: answer.placed.map(\.piece), score: alignment.pilotScore)
        if isWeak { track = TrackRefiner(signs: signs).refine(track, features: features) }
        answer.placed = track.pieces.map { .init(piece: $0, basePeriod: 0) }
        answer.dipoleWeights = DipoleWeights.learn(track, features: features, signs: signs).weights
        answer.pilotMean = DipoleWeights.mean(answer.dipoleWeights, track, features: features, signs: pilot)
        return answer
    }

    /// Further meeting times that a line is worth.
    private func times(of line: Track) -> Int {
        line.pieces.count == 1 && line.score >= Locator.standsOut ? breadth.times : 0
    }

    /// The likeliest placement of a line: of those that are close to what is proven, if there are such.
    private func likeliest(_ line: Track, _ features: FeatureMatrix, beside other: Alignment?) -> Alignment? {
        let placements = place(line, features, times: SearchBreadth.timesPerLine)
        guard let other, other.isProven else { return placements.first }
        return placements.first { $0.isBeside(other, Locator.besideFrames) } ?? placements.first
    }

    /// Adds what reads other cells than those at hand, as far as it is paid for.
    private func append(_ further: some Sequence<Alignment>, to alignments: inout [Alignment]) {
        for alignment in further where alignments.count < breadth.withPilot {
            if !alignments.contains(where: { alignment.isSame(as: $0) }) { alignments.append(alignment) }
        }
    }

    /// Frames at which a straight line may begin.
    var frames: SearchedFrames { timeline.frames }

    /// Place in a channel's order of the first alignment without the pilot.
    package var firstWithoutPilot: Int { breadth.withPilot }

    /// Alignments by the timeline alone, at most `breadth.pilotless`, for recordings whose pilot was removed.
    package func locateWithoutPilot(_ features: FeatureMatrix) -> [Alignment] {
        guard breadth.pilotless > 0 else { return [] }
        return PilotlessSearch(plan: plan, timeline: timeline, transforms: transforms)
            .alignments(features, limit: breadth.pilotless)
    }

    private func place(_ track: Track, _ features: FeatureMatrix, times: Int) -> [Alignment] {
        let refined = refiner.refine(track, features: features)
        let learnt = DipoleWeights.learn(refined, features: features, signs: pilot)
        return timeline.places(refined, weights: learnt.weights, features: features, limit: times).map {
            var alignment = $0
            alignment.pilotMean = learnt.mean
            return alignment
        }
    }

    /// Tracks and lines of the whole recording, found window by window: hours of correlations would not fit.
    ///
    /// The strongest tracks of all windows make the first track, and so on; pieces are placed in the meeting one by
    /// one, so they need not belong to one source.
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
    /// Presence, log10, beyond which a track needs no help from lines; the scale on which threshold 1e-9 is usual.
    private static let certain = -9.0

    fileprivate var isProven: Bool { log10Presence <= Alignment.certain }

    /// Log-likelihood of pilot and timeline together, as far as both are normal: what ranks alignments before
    /// identities are looked at.
    fileprivate var evidence: Double {
        let pilot = max(0, pilotScore)
        let time = max(0, timelineZ)
        return (pilot * pilot + time * time) / 2 - timeCost
    }

    /// Whether this alignment's first piece shows, in its middle, a time within `frames` of what another one shows
    /// there.
    fileprivate func isBeside(_ other: Alignment, _ frames: Double) -> Bool {
        guard let mine = placed.first,
            let theirs = other.placed.first(where: { $0.piece.frames.contains(Int(mine.piece.middle)) })
        else { return false }
        return abs(mine.meetingFrame(mine.piece.middle) - theirs.meetingFrame(mine.piece.middle)) <= frames
    }

    /// Whether another alignment reads the same cells.
    ///
    /// At nine points of every piece, both ends among them, it shows the same time to within a frame. A path that noise
    /// bends about a straight line does not.
    fileprivate func isSame(as other: Alignment) -> Bool {
        placed.allSatisfy { mine in
            let frames = mine.piece.frames
            return (0...8).allSatisfy { point in
                let frame = frames.lowerBound + (frames.count - 1) * point / 8
                guard let theirs = other.placed.first(where: { $0.piece.frames.contains(frame) }) else { return false }
                return abs(mine.meetingFrame(Double(frame)) - theirs.meetingFrame(Double(frame))) <= 1
            }
        }
    }
}
