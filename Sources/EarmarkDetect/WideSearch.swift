package import EarmarkDSP
package import EarmarkMark

/// How a recording's pitch and speed differ from the meeting's.
package struct Warp: Sendable, Equatable {
    /// Factor on all frequencies: 1.05 sounds 5 % higher.
    package var pitch: Double
    /// Meeting seconds that pass in a second of the recording: 1.05 plays 5 % faster.
    package var rate: Double

    package init(pitch: Double, rate: Double) {
        self.pitch = pitch
        self.rate = rate
    }

    package static let none = Warp(pitch: 1, rate: 1)
}

/// Searches pitch and speed by the pilot alone, on a stretch of the recording.
///
/// Along the lines of `WarpGrid` for marks however weak, and at the rates with which the recording repeats itself
/// (`PeriodSearch`) at every pitch: voices whose formants and tempo were changed independently.
package struct WideSearch {
    /// A warp and how far its pilot evidence stands out from that of all warps, median deviations.
    package struct ScoredWarp: Sendable {
        package var warp: Warp
        package var score: Double
    }

    /// Frames of the stretch (131 s) that is searched; longer costs more and adds little.
    package static let stretchFrames = 8_192
    /// Frames of features below which no warp is found: less than a segment of the pilot.
    package static let leastFrames = PilotCorrelator.segmentFrames
    /// Between these steps, rates differ by how offsets drift from segment to segment, which lines and sheared paths
    /// follow.
    private static let shears = [-0.006, -0.002, 0.002, 0.006]
    /// Rates off the lines that are looked at; several may show at a mark's multiples and at a tune's.
    private static let periodLimit = 2
    /// A warp must stand this far above the median of all, in median deviations, to be worth a pass over the recording:
    /// the best of some hundred warps of a recording without a mark stands 4 to 8 above (a false one costs a pass, and
    /// no claim).
    private static let leastProminence = 6.0
    /// From here on it is worth one in any case; below, it must stand out in another stretch too, if there is one.
    private static let plentyProminence = 8.0
    /// How far it must stand out there: of recordings without a mark one in ten does, of marks that showed by what is
    /// least nine in ten.
    private static let leastSecondProminence = 2.5

    private let plan: CellPlan
    private let transforms: any TransformProvider
    private var spectra: [Float] = []
    private var frames: Int { spectra.count / SpectrumAnalyzer.bins }

    package init(plan: CellPlan, transforms: any TransformProvider) {
        self.plan = plan
        self.transforms = transforms
        spectra.reserveCapacity(WideSearch.stretchFrames * SpectrumAnalyzer.bins)
    }

    /// Whether more frames are welcome.
    package var wantsMore: Bool { frames < WideSearch.stretchFrames }

    /// Keeps the power spectrum of a frame.
    package mutating func append(_ powers: [Float]) {
        if wantsMore { spectra.append(contentsOf: powers) }
    }

    /// What a search found.
    package struct Findings: Sendable {
        /// The most promising warps, best first, no two of them neighbours.
        package var warps: [ScoredWarp] = []
        fileprivate var lines = Chance()
        fileprivate var paths = Chance()
    }

    /// What lines, or paths, gather at warps that are wrong: nearly all are.
    fileprivate struct Chance: Sendable {
        var middle = 0.0
        var spread = 1e-9

        init() {}

        init(_ warps: [ScoredWarp]) {
            func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
            guard !warps.isEmpty else { return }
            let middle = median(warps.map(\.score))
            self.middle = middle
            spread = max(1e-9, median(warps.map { abs($0.score - middle) }))
        }

        /// Scores as deviations above the median.
        func prominences(_ warps: [ScoredWarp]) -> [ScoredWarp] {
            warps.map { ScoredWarp(warp: $0.warp, score: ($0.score - middle) / spread) }
        }
    }

    /// The `limit` most promising warps, and what they stand out from.
    package func run(limit: Int) -> Findings {
        guard frames > PilotCorrelator.segmentFrames + FeatureLayout.framesPerChip else { return Findings() }
        var search = Sweep(plan: plan)
        var workspace = Workspace()
        var periods = PeriodSearch(frames: frames, transforms: transforms)
        var rates: [PeriodSearch.Found] = []
        var kept: [FeatureMatrix] = []
        for (index, pitch) in WarpGrid.pitches.enumerated() {
            let features = features(pitch: pitch, &workspace)
            for rate in WarpGrid.rates(pitch: index) { search.look(features, Warp(pitch: pitch, rate: rate)) }
            if WarpGrid.asksForPeriods(pitch: index) {
                rates += periods.rates(of: features, limit: WideSearch.periodLimit)
            }
            kept.append(features)
        }
        for found in PeriodSearch.distinct(rates, WideSearch.periodLimit) {
            for (pitch, features) in zip(WarpGrid.pitches, kept) {
                search.look(features, Warp(pitch: pitch, rate: found.rate))
            }
        }
        return promising(&search, limit, &workspace)
    }

    /// The `limit` best of what was looked at, sharpened.
    private func promising(_ search: inout Sweep, _ limit: Int, _ workspace: inout Workspace) -> Findings {
        var findings = Findings()
        (findings.lines, findings.paths) = (Chance(search.lines), Chance(search.paths))
        let all = findings.lines.prominences(search.lines) + findings.paths.prominences(search.paths)
        let promising = WideSearch.distinct(all.filter { $0.score >= WideSearch.leastProminence }, limit)
        findings.warps = promising.map { sharpened($0, &search.correlator, &workspace) }
        return findings
    }

    /// Whether a warp of `findings` that is no more than likely is worth a second look, in another stretch.
    package static func needsSecondLook(_ scored: ScoredWarp) -> Bool { scored.score < plentyProminence }

    /// Whether a warp that another stretch has shown stands out in this one.
    package func shows(_ scored: ScoredWarp, of findings: Findings) -> Bool {
        guard frames > PilotCorrelator.segmentFrames + FeatureLayout.framesPerChip else { return true }
        var search = Sweep(plan: plan)
        var workspace = Workspace()
        search.look(features(pitch: scored.warp.pitch, &workspace), scored.warp)
        let all = findings.lines.prominences(search.lines) + findings.paths.prominences(search.paths)
        return all.contains { $0.score >= WideSearch.leastSecondProminence }
    }

    /// What lines and paths gather at the warps that were looked at.
    private struct Sweep {
        var correlator: ImpulseCorrelator
        var lines: [ScoredWarp] = []
        var paths: [ScoredWarp] = []

        init(plan: CellPlan) {
            correlator = ImpulseCorrelator(plan: plan)
        }

        /// Looks at features whose pitch is undone for a mark that runs at about the warp's rate.
        mutating func look(_ features: FeatureMatrix, _ warp: Warp) {
            let correlations = correlator.correlate(features.resampled(rate: warp.rate))
            let line = LineSearch(
                correlations: correlations, firstSegment: 0, farthestSlope: WarpGrid.rateStep / 2
            ).highest()
            lines.append(scored(warp, line.slope, line.score))
            var finder = TrackFinder(correlations: correlations, frames: features.frames)
            for shear in WideSearch.shears {
                let path = finder.best(shear: shear)
                paths.append(scored(warp, path.slope, path.score))
            }
        }

        /// What the mark drifts is what the grid of rates left over.
        private func scored(_ warp: Warp, _ slope: Double, _ score: Double) -> ScoredWarp {
            ScoredWarp(warp: Warp(pitch: warp.pitch, rate: warp.rate * (1 + slope)), score: score)
        }
    }

    /// Tries pitches between the steps of the grid at the rate of one that stands out.
    ///
    /// Paths are compared, which bear with cuts.
    private func sharpened(
        _ scored: ScoredWarp, _ correlator: inout ImpulseCorrelator, _ workspace: inout Workspace
    ) -> ScoredWarp {
        var best = scored
        var highest = -Double.infinity
        for step in WarpGrid.sharpening {
            let pitch = scored.warp.pitch + step
            let features = features(pitch: pitch, &workspace).resampled(rate: scored.warp.rate)
            var finder = TrackFinder(correlations: correlator.correlate(features), frames: features.frames)
            let path = finder.best(shear: 0)
            if path.score > highest {
                highest = path.score
                best.warp = Warp(pitch: pitch, rate: scored.warp.rate * (1 + path.slope))
            }
        }
        return best
    }

    /// Memory of a feature extraction, kept from pitch to pitch.
    private struct Workspace {
        var extractor = FeatureExtractor(isForSearch: true)
        var rows: [SIMD8<Float>] = []
    }

    private func features(pitch: Double, _ workspace: inout Workspace) -> FeatureMatrix {
        let integrator = BandIntegrator(pitch: pitch)
        var features = FeatureMatrix(expectedSeconds: Double(frames) / FeatureLayout.framesPerSecond)
        workspace.rows.removeAll(keepingCapacity: true)
        for frame in 0..<frames { integrator.append(spectra, at: frame * SpectrumAnalyzer.bins, to: &workspace.rows) }
        workspace.extractor.append(workspace.rows, to: &features)
        workspace.extractor.finish(&features)
        return features
    }

    /// Best first; a warp next to a better one is the same warp.
    private static func distinct(_ warps: [ScoredWarp], _ limit: Int) -> [ScoredWarp] {
        var kept: [ScoredWarp] = []
        for scored in warps.sorted(by: { $0.score > $1.score }) {
            let isNeighbour = kept.contains {
                abs($0.warp.rate - scored.warp.rate) < 0.0144
                    && abs($0.warp.pitch - scored.warp.pitch) < 2.1 * WarpGrid.pitchStep
            }
            if !isNeighbour { kept.append(scored) }
            if kept.count == limit { break }
        }
        return kept
    }
}

extension FeatureMatrix {
    /// The features as they would be if the recording ran at the meeting's speed, by linear interpolation.
    package func resampled(rate: Double) -> FeatureMatrix {
        guard rate != 1, frames > 1 else { return self }
        let count = Int(Double(frames - 1) * rate)
        var result = FeatureMatrix(expectedSeconds: Double(count) / FeatureLayout.framesPerSecond)
        result.appendRows(count, of: self, rate: rate)
        result.takeSlopes(of: self)
        return result
    }
}

/// The stretches of a recording that hold the most evidence.
package struct BusyStretches: Sendable {
    /// First frame of the busiest one.
    package let first: Int
    /// First frame of the busiest one besides; nil where the recording is too short for another to spare anything.
    package let second: Int?

    /// Lengths of a stretch from which on another one is looked for: a pass over less costs hardly more than the look.
    private static let leastLengths = 4

    /// Finds them in the features of a recording.
    package init(_ features: FeatureMatrix) {
        let length = WideSearch.stretchFrames
        let first = features.busiestStretch(length)
        self.first = first
        guard features.frames >= BusyStretches.leastLengths * length else {
            second = nil
            return
        }
        second = features.busiestStretch(length, besides: first)
    }
}

extension FeatureMatrix {
    /// First frame of the stretch of `length` frames that holds the most evidence, in steps of a segment; with
    /// `besides`, of those that have nothing in common with the one that begins there.
    package func busiestStretch(_ length: Int, besides taken: Int? = nil) -> Int {
        let step = PilotCorrelator.segmentFrames
        let energies = (0..<frames / step).map { segment in
            var sum: Int64 = 0
            for index in segment * step * FeatureMatrix.columns..<(segment + 1) * step * FeatureMatrix.columns {
                sum += Int64(values[index]) * Int64(values[index])
            }
            return sum
        }
        let width = length / step
        guard energies.count > width else { return 0 }
        func isFree(_ start: Int) -> Bool { taken.map { abs(start * step - $0) >= length } ?? true }
        var sum = energies[0..<width].reduce(0, +)
        var best = (start: 0, sum: isFree(0) ? sum : -1)
        for start in 1...energies.count - width {
            sum += energies[start + width - 1] - energies[start - 1]
            if sum > best.sum && isFree(start) { best = (start, sum) }
        }
        return best.start * step
    }
}
