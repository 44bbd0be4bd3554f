internal import CMath
import EarmarkMark

/// Shows where in a recording a source's mark is, in steps of about four seconds.
struct TimeMap {
    /// A source's spans and its strength within them.
    struct Answer {
        var spans: [Detection.Span]
        /// The stretches in which it was heard, as parts of the alignment's pieces.
        var heard: [Alignment.Placed]
        /// Every step in order.
        var steps: [Detection.Step]
        /// Decibels relative to the pilot in the same stretches; nil if that is not heard there.
        var strength: Double?
        /// Relative to a fresh mark in audio of this quality.
        var level: Detection.Level
        /// What is left of it over all cells, relative to what is left at the peaks (`LevelSums`).
        var evenness: Double?
    }

    /// Sums over one step of one piece.
    private struct Bin {
        var placed: Int
        var chips: Range<Int>
        var sum = 0.0
        var energy = 0.0
        var weight = 0.0
        var pilotSum = 0.0
        var pilotEnergy = 0.0
        var pilotWeight = 0.0
        var level = LevelSums()
        var present = true
    }

    /// Chips in a step (4.096 s).
    private static let step = 64
    /// Cost of a border between present and absent, natural log of the odds: about one border in a minute.
    private static let borderCost = 3.0
    /// A step with less energy for each chip than this share of the mean is silent: features of digital silence are 0,
    /// those of a quiet room are as large as others.
    private static let leastEnergyShare = 0.01
    /// A pilot with less evidence beside a source, standard deviations, is none to compare with: somebody may have
    /// removed it.
    private static let leastPilotZ = 3.0
    /// Strengths are reported within this range, decibels.
    private static let strengthRange = -40.0...20.0

    private let alignment: Alignment
    private let features: FeatureMatrix
    private let plan: CellPlan
    private let fresh: FreshMark

    init(_ alignment: Alignment, _ features: FeatureMatrix, plan: CellPlan, profile: MarkProfile) {
        self.alignment = alignment
        self.features = features
        self.plan = plan
        fresh = FreshMark(features, profile)
    }

    func trace(_ signs: PeriodSigns) -> Answer {
        var bins = collect(signs)
        // The mean over a recording that carries the source only in part is too low: estimate again where it is.
        for _ in 0..<4 {
            let sum = bins.reduce(0) { $0 + ($1.present ? $1.sum : 0) }
            let energy = bins.reduce(0) { $0 + ($1.present ? $1.energy : 0) }
            guard energy > 0, sum > 0 else { break }
            decide(&bins, sum / energy)
        }
        trim(&bins)
        let levels = levels(bins)
        return Answer(
            spans: spans(bins), heard: heard(bins), steps: bins.map(step), strength: strength(bins),
            level: levels.level, evenness: levels.evenness)
    }

    /// Neighbouring present steps of a piece, joined.
    private func heard(_ bins: [Bin]) -> [Alignment.Placed] {
        var parts: [(placed: Int, chips: Range<Int>)] = []
        for bin in bins where bin.present && !bin.chips.isEmpty {
            if let last = parts.last, last.placed == bin.placed, last.chips.upperBound == bin.chips.lowerBound {
                parts[parts.count - 1].chips = last.chips.lowerBound..<bin.chips.upperBound
            } else {
                parts.append((bin.placed, bin.chips))
            }
        }
        return parts.map { part in
            let placed = alignment.placed[part.placed]
            func frame(_ chip: Int) -> Int {
                let meeting = Double(chip * FeatureLayout.framesPerChip + FeatureLayout.chipCentre)
                let frame = placed.piece.recordingFrame(meeting).rounded(.up)
                return min(max(Int(frame), placed.piece.frames.lowerBound), placed.piece.frames.upperBound)
            }
            let frames = frame(part.chips.lowerBound)..<frame(part.chips.upperBound)
            return .init(piece: placed.piece.part(frames), basePeriod: placed.basePeriod)
        }
    }

    private func step(_ bin: Bin) -> Detection.Step {
        let range = recordingSeconds(bin)
        return .init(recording: range.placed, sum: bin.sum, energy: bin.energy)
    }

    /// Where a step lies in the recording, in seconds, and where it would begin if the recording had begun earlier.
    private func recordingSeconds(_ bin: Bin) -> (placed: Range<Double>, low: Double) {
        let perFrame = 1 / (FeatureLayout.framesPerSecond * alignment.warp.rate)
        let recorded = Double(features.frames) * perFrame
        let chip = Double(FeatureLayout.framesPerChip)
        let piece = alignment.placed[bin.placed].piece
        let low = piece.recordingFrame(Double(bin.chips.lowerBound) * chip) * perFrame
        let high = piece.recordingFrame(Double(bin.chips.upperBound) * chip) * perFrame
        return (max(0, low)..<max(0, max(low, min(high, recorded))), low)
    }

    private func strength(_ bins: [Bin]) -> Double? {
        let heard = bins.filter(\.present)
        func total(_ part: (Bin) -> Double) -> Double { heard.reduce(0) { $0 + part($1) } }
        let mean = total(\.sum) / max(total(\.weight), 1e-30)
        let pilot = total(\.pilotSum) / max(total(\.pilotWeight), 1e-30)
        let pilotZ = total(\.pilotSum) / max(total(\.pilotEnergy), 1e-30).squareRoot()
        guard mean > 0, pilotZ >= TimeMap.leastPilotZ else { return nil }
        let decibels = 20 * log10(mean / pilot)
        return min(max(decibels, TimeMap.strengthRange.lowerBound), TimeMap.strengthRange.upperBound)
    }

    private func levels(_ bins: [Bin]) -> LevelSums {
        var total = LevelSums()
        for bin in bins where bin.present { total.add(bin.level) }
        return total
    }

    private func collect(_ signs: PeriodSigns) -> [Bin] {
        let size = MarkLayout.chipsPerPeriod
        var plane = SourcePlane(plan: plan, signs: signs)
        var bins: [Bin] = []
        for (index, placed) in alignment.placed.enumerated() {
            let chips = FeatureSampler.chips(of: placed.piece)
            var start = chips.lowerBound
            while start < chips.upperBound {
                let border = (Int(floorDivide(Int64(start), Int64(TimeMap.step))) + 1) * TimeMap.step
                let end = min(chips.upperBound, border)
                var bin = Bin(placed: index, chips: start..<end)
                let local = floorDivide(Int64(start), Int64(size))
                plane.load(period: placed.basePeriod + local)
                add(placed.piece, plane, &bin)
                bins.append(bin)
                start = end
            }
        }
        return bins
    }

    private func add(_ piece: TrackPiece, _ plane: SourcePlane, _ bin: inout Bin) {
        let weights = alignment.dipoleWeights
        FeatureSampler.forEachChip(piece, chips: bin.chips, frames: features.frames) { chip, row, share in
            let base = (chip & (MarkLayout.chipsPerPeriod - 1)) * MarkLayout.dipoleCount
            let mask = features.peaks[share < 0.5 ? row : row + 1]
            for dipole in 0..<MarkLayout.dipoleCount {
                let sign = plane.signs[base + dipole]
                if sign == 0 { continue }
                let weight = Double(weights[dipole])
                let value = weight * Double(FeatureSampler.value(features, row, share, dipole))
                if plane.isPilot[base + dipole] {
                    bin.pilotSum += value * Double(sign)
                    bin.pilotEnergy += value * value
                    bin.pilotWeight += weight * weight
                } else {
                    bin.sum += value * Double(sign)
                    bin.energy += value * value
                    bin.weight += weight * weight
                    bin.level.add(
                        value, sign: sign, weight: weight, dipole, fresh, isPeak: mask >> UInt32(dipole) & 1 == 1)
                }
            }
        }
    }

    /// Two-state Viterbi over the log-likelihood ratio of "sum = slope x energy" against "sum = 0".
    ///
    /// Expecting in proportion to the energy makes pauses, where the mark is quiet too, speak for neither.
    private func decide(_ bins: inout [Bin], _ slope: Double) {
        var on = 0.0
        var off = 0.0
        var cameFrom: [(on: Bool, off: Bool)] = []
        for bin in bins {
            let ratio = slope * bin.sum - slope * slope * bin.energy / 2
            let onFromOn = on >= off - TimeMap.borderCost
            let offFromOn = on - TimeMap.borderCost > off
            cameFrom.append((onFromOn, offFromOn))
            (on, off) = ((onFromOn ? on : off - TimeMap.borderCost) + ratio, offFromOn ? on - TimeMap.borderCost : off)
        }
        var state = on >= off
        for index in bins.indices.reversed() {
            bins[index].present = state
            state = state ? cameFrom[index].on : cameFrom[index].off
        }
    }

    /// Takes steps in which nothing can be heard from the ends of what is present.
    ///
    /// Silence speaks for neither. Between two steps that show the source it was part of what was recorded; before the
    /// first and behind the last, somebody may have put it there.
    private func trim(_ bins: inout [Bin]) {
        let present = bins.filter(\.present)
        let chips = present.reduce(0) { $0 + $1.chips.count }
        let least = TimeMap.leastEnergyShare * present.reduce(0) { $0 + $1.energy } / Double(max(1, chips))
        func isSilent(_ bin: Bin) -> Bool { bin.energy <= least * Double(bin.chips.count) }
        func trim(_ indices: some Sequence<Int>) {
            var isAtEnd = true
            for index in indices where !bins[index].present || isAtEnd {
                isAtEnd = !bins[index].present || isSilent(bins[index])
                if isAtEnd { bins[index].present = false }
            }
        }
        trim(bins.indices)
        trim(bins.indices.reversed())
    }

    /// Joins neighbouring present steps whose meeting time runs on.
    private func spans(_ bins: [Bin]) -> [Detection.Span] {
        var spans: [Detection.Span] = []
        var sum = 0.0
        var energy = 0.0
        var lastEnd = -Double.infinity
        for bin in bins where bin.present {
            let placed = alignment.placed[bin.placed]
            let (range, low) = recordingSeconds(bin)
            let start =
                (Double(bin.chips.lowerBound) + Double(placed.basePeriod) * Double(MarkLayout.chipsPerPeriod))
                * MarkLayout.chipSeconds
            let runsOn =
                abs(range.lowerBound - lastEnd) < 0.5
                && spans.last.map { abs(meetingTime($0, range.lowerBound) - start) < 0.5 } ?? false
            if runsOn, var span = spans.popLast() {
                span.recording = span.recording.lowerBound..<max(range.upperBound, span.recording.lowerBound)
                sum += bin.sum
                energy += bin.energy
                span.z = energy > 0 ? sum / energy.squareRoot() : 0
                spans.append(span)
            } else {
                (sum, energy) = (bin.sum, bin.energy)
                spans.append(
                    .init(
                        recording: range, meetingStart: start - (low - range.lowerBound) * alignment.warp.rate,
                        uncertainty: uncertainty,
                        z: energy > 0 ? sum / energy.squareRoot() : 0))
            }
            lastEnd = range.upperBound
        }
        return spans
    }

    /// Meeting time that a span shows at `seconds` of the recording.
    private func meetingTime(_ span: Detection.Span, _ seconds: Double) -> Double {
        span.meetingStart + (seconds - span.recording.lowerBound) * alignment.warp.rate
    }

    /// Half a feature's width, divided by the pilot's evidence as for any peak, and never below a quarter frame.
    private var uncertainty: Double {
        let frame = 1 / FeatureLayout.framesPerSecond
        return max(frame / 4, 2 * frame / max(1, alignment.pilotScore))
    }
}
