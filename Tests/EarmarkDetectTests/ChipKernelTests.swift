import EarmarkKernels
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Reading a meeting's cells from features, against the definition, and against the same as compiled for other
/// processors.
@Suite struct ChipKernelTests {
    private static let instructions: [Kernels.Instructions] =
        Kernels.Instructions.best == .v3 ? [.baseline, .v3] : [.baseline]

    private static func rows(_ frames: Int) -> [Int8] {
        var source = NoiseSource(seed: 21)
        return (0..<frames * ChipKernel.columns).map { _ in Int8(max(-127, min(127, 40 * source.gaussian()))) }
    }

    // Chips before the recording, in it, at its last row but one, and behind it.
    @Test(arguments: instructions) func cellsAreWeighedBetweenTwoRows(instructions: Kernels.Instructions) {
        let (frames, count) = (50, 16)
        let values = ChipKernelTests.rows(frames)
        let weights = (0..<28).map { 0.5 + Float($0) / 8 }
        let line: ChipKernel.Line = (middle: 25, offset: 3.3, slope: 0.01)
        var cells = [Float](repeating: 7, count: count * 28 + 4)
        Kernels.addChips(
            values, frames: frames, centre: -1, step: 4, line: line, weights: weights, to: &cells, count: count,
            instructions)
        var inside = 0
        for chip in 0..<count {
            let position = 25 + (Double(4 * chip) - 1 - 3.3 - 25) / 1.01
            let row = Int(position.rounded(.down))
            for dipole in 0..<28 {
                var expected: Float = 7
                if row >= 0, row + 1 < frames {
                    let share = Float(position - Double(row))
                    let here = Float(values[28 * row + dipole])
                    expected += weights[dipole] * (here + share * (Float(values[28 * row + 28 + dipole]) - here))
                    inside += 1
                }
                #expect(cells[28 * chip + dipole] == expected, "chip \(chip), dipole \(dipole)")
            }
        }
        #expect(inside > 0 && inside < 28 * count)
        #expect(cells.suffix(4) == [7, 7, 7, 7], "writes behind its end")
    }

    @Test(arguments: instructions) func eightPlanesAreLoadedSideBySide(instructions: Kernels.Instructions) {
        let size = 100
        var planes = (0..<8 * size).map { Float($0 % 7) - 3 }
        for cell in 0..<size { planes[5 * size + cell] = 0 }
        let cells: [Int32] = [0, 3, 4, 50, 99]
        var values = [SIMD8<Float>](repeating: .zero, count: 6)
        var energy = SIMD8<Double>(repeating: 1)
        var used = SIMD8<Int32>(repeating: 10)
        Kernels.load(
            planes, size: size, cells: cells, count: 5, into: &values, energy: &energy, used: &used, instructions)
        for lane in 0..<8 {
            let own = cells.map { planes[lane * size + Int($0)] }
            #expect((0..<5).map { values[$0][lane] } == own)
            #expect(energy[lane] == 1 + own.reduce(0.0) { $0 + Double($1) * Double($1) })
            #expect(used[lane] == 10 + Int32(own.filter { $0 != 0 }.count))
        }
        #expect(values[5] == .zero)
    }

    /// Every way of reading features agrees, so that evidence is the same wherever it is computed.
    @Test func collectedCellsAreWhatTheSamplerReads() {
        var features = FeatureMatrix()
        var source = NoiseSource(seed: 22)
        for _ in 0..<3_000 {
            let row = (0..<4).map { _ in
                SIMD8<Float>((0..<8).map { _ in Float(0.4 * source.gaussian()) })
            }
            features.append(row[0], row[1], row[2], row[3])
        }
        let piece = TrackPiece(frames: 0..<3_000, offset: 517.25, slope: 2e-4)
        let alignment = Alignment(
            placed: [.init(piece: piece, basePeriod: 40)], dipoleWeights: (0..<28).map { 0.3 + Float($0) / 20 },
            pilotScore: 0, pilotMean: 0, timelineZ: 0, log10Presence: 0)
        var expected: [Int64: [Float]] = [:]
        FeatureSampler.forEachChip(piece, chips: FeatureSampler.chips(of: piece), frames: features.frames) {
            chip, row, share in
            let period = 40 + Int64(chip / 256)
            for dipole in 0..<28 {
                expected[period, default: .init(repeating: 0, count: 7_168)][chip % 256 * 28 + dipole] +=
                    alignment.dipoleWeights[dipole] * FeatureSampler.value(features, row, share, dipole)
            }
        }
        var seen: [Int64] = []
        CellCollector(alignment, features).forEachPeriod { cells in
            seen.append(cells.period)
            #expect(cells.plane == expected[cells.period])
        }
        #expect(seen == expected.keys.sorted() && seen.count == 4)
    }
}
