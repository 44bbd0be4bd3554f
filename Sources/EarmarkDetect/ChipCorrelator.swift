import EarmarkDSP
import EarmarkMark

/// Correlates 65 s of a recording with the signs of a meeting, chip by chip, at every frame: where the pilot does not
/// help.
///
/// A feature belongs to a chip, so the four frames of a chip are four recordings at chip rate; signs are transformed
/// once for all of them.
struct ChipCorrelator {
    /// Chips of the recording that are compared at most (65 s): a drift of 300 ppm moves their ends by half a frame.
    static let windowChips = 1_024
    /// Frames of those chips.
    static let windowFrames = windowChips * FeatureLayout.framesPerChip
    /// Meeting periods in a transform; the window covers a quarter of them.
    static let blockPeriods = 16
    /// Periods in which each transform finds all places; the next one begins after them.
    static let freshPeriods = blockPeriods - windowChips / MarkLayout.chipsPerPeriod
    private static let blockChips = blockPeriods * MarkLayout.chipsPerPeriod
    /// Vectors of four bins in a spectrum.
    private static let vectors = (blockChips + 2 + 7) / 8

    /// Signs of 16 periods by dipole and chip, 0 in cells of other roles.
    struct Plane {
        /// Row-major; shape: dipoles x chips.
        fileprivate var signs = [Float](repeating: 0, count: MarkLayout.dipoleCount * blockChips)
        /// Cells of a period and where they lie in `signs`, in the order of the latter.
        private let places: [(bit: Int32, place: Int32)]
        private var bits: [UInt8]

        /// Signs in `cells`, all of one role.
        init(cells: [Int32]) {
            let dipoles = Int32(MarkLayout.dipoleCount)
            places = cells.enumerated().map { index, cell in
                (Int32(index), cell % dipoles * Int32(blockChips) + cell / dipoles)
            }.sorted { $0.place < $1.place }
            bits = .init(repeating: 0, count: cells.count / 8)
        }

        /// Adds signs that are the same in every period, in cells of another role.
        mutating func fix(_ cells: [Int32], signs fixed: [Float]) {
            let dipoles = MarkLayout.dipoleCount
            for (cell, sign) in zip(cells, fixed) {
                let row = Int(cell) % dipoles * blockChips
                for index in 0..<blockPeriods {
                    signs[row + index * MarkLayout.chipsPerPeriod + Int(cell) / dipoles] = sign
                }
            }
        }

        /// Takes the signs of the 16 periods from `period` on.
        mutating func fill(_ source: PeriodSigns, from period: Int64) {
            for index in 0..<blockPeriods {
                source.fill(&bits, period: period + Int64(index))
                let base = index * MarkLayout.chipsPerPeriod
                for (bit, place) in places {
                    signs[base + Int(place)] = 1 - 2 * Float(bits[Int(bit >> 3)] >> UInt8(bit & 7) & 1)
                }
            }
        }
    }

    /// The window's spectrum in one dipole at one frame of the chip, conjugate, as what real and imaginary parts of the
    /// other spectrum are multiplied by: complex products without shuffles.
    private struct Factors {
        var straight = [SIMD8<Float>](repeating: .zero, count: vectors)
        var crossed = [SIMD8<Float>](repeating: .zero, count: vectors)

        init(_ spectrum: [Float]) {
            for index in spectrum.indices {
                let isReal = index & 1 == 0
                straight[index >> 3][index & 7] = spectrum[isReal ? index : index - 1]
                crossed[index >> 3][index & 7] = isReal ? spectrum[index + 1] : -spectrum[index]
            }
        }
    }

    /// Chips of the recording that are compared.
    let chips: Int
    private let transform: any RealTransform
    /// By dipole and frame of the chip.
    private let window: [[Factors]]
    private var spectrum = [Float](repeating: 0, count: blockChips + 2)
    /// Sums over dipoles, by vector and frame of the chip.
    private var sums = [SIMD8<Float>](repeating: .zero, count: vectors * FeatureLayout.framesPerChip)
    /// Sums of feature times sign, by frame of the chip and chip of the block; those of the first `freshPeriods` hold.
    private(set) var correlations = [[Float]](
        repeating: .init(repeating: 0, count: blockChips), count: FeatureLayout.framesPerChip)

    /// Takes `windowFrames` frames from `start` on, or as many as `features` has.
    init(_ features: FeatureMatrix, from start: Int, transforms: any TransformProvider) {
        let transform = transforms.realTransform(length: ChipCorrelator.blockChips)
        self.transform = transform
        let chips = max(0, min(ChipCorrelator.windowChips, (features.frames - start) / FeatureLayout.framesPerChip))
        self.chips = chips
        // Correlations come out in units of features.
        let scale = 1 / Float(ChipCorrelator.blockChips)
        var buffer = [Float](repeating: 0, count: ChipCorrelator.blockChips)
        var bins = [Float](repeating: 0, count: ChipCorrelator.blockChips + 2)
        window = (0..<MarkLayout.dipoleCount).map { dipole in
            (0..<FeatureLayout.framesPerChip).map { phase in
                for chip in 0..<chips {
                    let row = start + FeatureLayout.framesPerChip * chip + phase
                    buffer[chip] = scale * Float(features.values[row * FeatureMatrix.columns + dipole])
                }
                transform.forward(buffer, at: 0, into: &bins)
                return Factors(bins)
            }
        }
    }

    /// Calls `body` with every place of `periods`, a block after the other: the meeting frame that the window's first
    /// frame shows there, the frame of the chip, the chip of the period and the sum of feature times sign.
    mutating func forEachPlace(
        of signs: PeriodSigns, _ plane: inout Plane, in periods: Range<Int64>,
        _ body: (_ frame: Int64, _ phase: Int, _ chip: Int, _ sum: Float) -> Void
    ) {
        for period in stride(from: periods.lowerBound, to: periods.upperBound, by: ChipCorrelator.freshPeriods) {
            plane.fill(signs, from: period)
            correlate(plane)
            let fresh = min(Int64(ChipCorrelator.freshPeriods), periods.upperBound - period)
            for (phase, sums) in correlations.enumerated() {
                for chip in 0..<Int(fresh) * MarkLayout.chipsPerPeriod {
                    let frame = ChipCorrelator.frame(ofChip: chip, phase: phase, from: period)
                    body(frame, phase, chip & (MarkLayout.chipsPerPeriod - 1), sums[chip])
                }
            }
        }
    }

    /// Compares the window with `plane`, into `correlations`.
    mutating func correlate(_ plane: borrowing Plane) {
        for index in sums.indices { sums[index] = .zero }
        for dipole in 0..<MarkLayout.dipoleCount {
            transform.forward(plane.signs, at: dipole * ChipCorrelator.blockChips, into: &spectrum)
            accumulate(window[dipole])
        }
        for phase in correlations.indices {
            for index in spectrum.indices {
                spectrum[index] = sums[(index >> 3) * FeatureLayout.framesPerChip + phase][index & 7]
            }
            transform.inverse(spectrum, into: &correlations[phase])
        }
    }

    /// Adds the products of `spectrum` and the window in one dipole to `sums`.
    private mutating func accumulate(_ factors: [Factors]) {
        let (first, second, third, fourth) = (factors[0], factors[1], factors[2], factors[3])
        for index in 0..<ChipCorrelator.vectors {
            let base = 8 * index
            var bins = SIMD8<Float>.zero
            for lane in 0..<min(8, spectrum.count - base) { bins[lane] = spectrum[base + lane] }
            let swapped = SIMD8(bins[1], bins[0], bins[3], bins[2], bins[5], bins[4], bins[7], bins[6])
            let sum = FeatureLayout.framesPerChip * index
            sums[sum] += first.straight[index] * bins + first.crossed[index] * swapped
            sums[sum + 1] += second.straight[index] * bins + second.crossed[index] * swapped
            sums[sum + 2] += third.straight[index] * bins + third.crossed[index] * swapped
            sums[sum + 3] += fourth.straight[index] * bins + fourth.crossed[index] * swapped
        }
    }

    /// The meeting frame, from its origin, that the window's first frame shows at a place of the block that begins with
    /// `period`.
    static func frame(ofChip chip: Int, phase: Int, from period: Int64) -> Int64 {
        let chips = period * Int64(MarkLayout.chipsPerPeriod) + Int64(chip)
        return Int64(FeatureLayout.framesPerChip) * chips + Int64(FeatureLayout.chipCentre - phase)
    }
}
