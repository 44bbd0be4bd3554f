import EarmarkDetect
import EarmarkMark
import EarmarkTestSupport

/// Features as a marked recording would give them, made from the signs themselves: no audio, no filters, all known.
struct SyntheticFeatures {
    /// A stretch of a recording that shows the meeting without a jump.
    struct Stretch {
        /// Rows.
        var frames: Int
        /// Meeting frame, counted from the meeting's origin, that the stretch's first row shows.
        var start: Double
        /// Drift of the recorder's clock (1e-4 = 100 ppm).
        var slope = 0.0
        /// Clients whose marks are mixed, each at an equal share; empty: pilot and timeline alone.
        var clients = [0]
        /// Level of the mark; a feature lies within +-1.7.
        var level = 0.12
    }

    var meeting: UInt64 = 1
    /// Standard deviation of the noise on every feature.
    var deviation = 0.5
    var seed: UInt64 = 1
    /// Whether pilot cells carry their signs; somebody may have taken them away.
    var hasPilot = true
    /// Whether timeline cells carry theirs.
    var hasTimeline = true
    /// Dipoles that carry nothing but noise.
    var deadDipoles: Set<Int> = []

    /// Rows of all stretches, one after another.
    func matrix(_ stretches: [Stretch]) -> FeatureMatrix {
        var noise = NoiseSource(seed: seed)
        var matrix = FeatureMatrix()
        for stretch in stretches {
            let signs = MeetingSigns(meeting: meeting, hasPilot: hasPilot, hasTimeline: hasTimeline)
            for frame in 0..<stretch.frames {
                let meetingFrame = stretch.start + Double(frame) * (1 + stretch.slope)
                append(row(meetingFrame, stretch, signs, &noise), to: &matrix)
            }
        }
        return matrix
    }

    /// Noise alone.
    func noise(frames: Int) -> FeatureMatrix { matrix([.init(frames: frames, start: 0, clients: [], level: 0)]) }

    /// Several matrices, one after another.
    static func joined(_ parts: [FeatureMatrix]) -> FeatureMatrix {
        var joined = FeatureMatrix()
        for part in parts {
            for frame in 0..<part.frames {
                var vectors = [SIMD8<Float>](repeating: .zero, count: 4)
                for dipole in 0..<MarkLayout.dipoleCount {
                    let value = Float(part.values[frame * FeatureMatrix.columns + dipole])
                    vectors[dipole / 8][dipole % 8] = value / FeatureMatrix.scale
                }
                joined.append(vectors[0], vectors[1], vectors[2], vectors[3])
            }
        }
        return joined
    }

    private func row(
        _ meetingFrame: Double, _ stretch: Stretch, _ signs: MeetingSigns, _ noise: inout NoiseSource
    ) -> [Float] {
        // A feature averages a chip's length: it runs straight from one chip's sign to the next one's.
        let position = (meetingFrame - Double(FeatureLayout.chipCentre)) / Double(FeatureLayout.framesPerChip)
        let chip = Int64(position.rounded(.down))
        let share = Float(position - Double(chip))
        let before = signs.row(chip, stretch.clients)
        let after = signs.row(chip + 1, stretch.clients)
        return (0..<MarkLayout.dipoleCount).map { dipole in
            let mark = before[dipole] + share * (after[dipole] - before[dipole])
            let level = deadDipoles.contains(dipole) ? 0 : Float(stretch.level)
            return level * mark + Float(noise.gaussian() * deviation)
        }
    }

    private func append(_ row: [Float], to matrix: inout FeatureMatrix) {
        var vectors = [SIMD8<Float>](repeating: .zero, count: 4)
        for (dipole, value) in row.enumerated() { vectors[dipole / 8][dipole % 8] = min(max(value, -1.7), 1.7) }
        matrix.append(vectors[0], vectors[1], vectors[2], vectors[3])
    }
}

/// Signs of any chip of a meeting, worked out period by period and kept.
final class MeetingSigns {
    let plan: CellPlan
    private let meeting: UInt64
    private let hasPilot: Bool
    private let hasTimeline: Bool
    private var planes: [Key: [Float]] = [:]

    private struct Key: Hashable {
        var period: Int64
        var clients: [Int]
    }

    init(meeting: UInt64 = 1, hasPilot: Bool = true, hasTimeline: Bool = true) {
        self.meeting = meeting
        self.hasPilot = hasPilot
        self.hasTimeline = hasTimeline
        plan = CellPlan(pilotSeed: TestKeys.shared(meeting: meeting).pilot)
    }

    /// Signs by dipole; identity cells hold the clients' mean.
    func row(_ chip: Int64, _ clients: [Int]) -> ArraySlice<Float> {
        let period = Int64((Double(chip) / Double(MarkLayout.chipsPerPeriod)).rounded(.down))
        let start = Int(chip - period * Int64(MarkLayout.chipsPerPeriod)) * MarkLayout.dipoleCount
        let plane = plane(period, clients)
        // Rebased, so that an index is a dipole.
        return ArraySlice(Array(plane[start..<start + MarkLayout.dipoleCount]))
    }

    /// Signs of a period by cell.
    func plane(_ period: Int64, _ clients: [Int]) -> [Float] {
        let key = Key(period: period, clients: clients)
        if let known = planes[key] { return known }
        var plane = [Float](repeating: 0, count: MarkLayout.cellsPerPeriod)
        if hasPilot {
            for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) { plane[Int(cell)] = Float(sign) }
        }
        if hasTimeline { add(TestKeys.shared(meeting: meeting).timeline, plan.timelineCells, 1, period, &plane) }
        for client in clients {
            let seed = TestKeys.identity(client: client, meeting: meeting)
            add(seed, plan.identityCells, 1 / Float(clients.count), period, &plane)
        }
        planes[key] = plane
        return plane
    }

    private func add(_ seed: Seed, _ cells: [Int32], _ share: Float, _ period: Int64, _ plane: inout [Float]) {
        var bits = [UInt8](repeating: 0, count: cells.count / 8)
        PeriodSigns(seed: seed).fill(&bits, period: period)
        for (index, cell) in cells.enumerated() {
            plane[Int(cell)] += bits[index / 8] >> UInt8(index % 8) & 1 == 1 ? -share : share
        }
    }
}
