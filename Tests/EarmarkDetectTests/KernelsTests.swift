import EarmarkKernels
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// The inner loops of analysis against their definitions, and against themselves as compiled for other processors.
@Suite struct KernelsTests {
    private static let hasV3 = Kernels.Instructions.best == .v3

    private static func noise(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var source = NoiseSource(seed: seed)
        return (0..<count).map { _ in Float(source.gaussian()) * scale }
    }

    /// Band powers of speech range over twelve decades.
    private static func powers(_ vectors: Int, seed: UInt64) -> [SIMD8<Float>] {
        let values = noise(8 * vectors, seed: seed)
        return (0..<vectors).map { vector in
            var lanes = SIMD8<Float>.zero
            for lane in 0..<8 {
                let value = values[8 * vector + lane]
                lanes[lane] = value * value * (lane % 3 == 0 ? 1e-9 : 1e3)
            }
            return lanes
        }
    }

    private static func words(_ count: Int, seed: UInt64) -> [Int16] {
        noise(count, seed: seed, scale: 9_000).map { Int16(max(-32_768, min(32_767, $0))) }
    }

    // The ratio of 48 to 16 kHz and others; counts at, below and above the outputs that are computed together.
    @Test(arguments: [31, 32, 33, 100], [Kernels.Instructions.baseline, .v3])
    func aFilterIsTheSumOfItsTaps(count: Int, instructions: Kernels.Instructions) {
        guard instructions == .baseline || KernelsTests.hasV3 else { return }
        let samples = KernelsTests.noise(400, seed: 1)
        let taps = KernelsTests.noise(20, seed: 2)
        let size = MemoryLayout<Float>.stride
        let places = (0..<20).map { (before: -$0 * size, after: $0 * size) }
        var output = [Float](repeating: .nan, count: count + 1)
        samples.withUnsafeBufferPointer {
            Kernels.filter(
                $0.baseAddress! + 100, taps: taps, places: places, tapCount: 20, into: &output, count: count,
                instructions)
        }
        for index in 0..<count {
            var sum = samples[100 + index] * taps[0]
            // Twice the first one's share: a middle tap is one sample.
            for tap in 1..<20 { sum += (samples[100 + index - tap] + samples[100 + index + tap]) * taps[tap] }
            #expect(output[index] == sum)
        }
        #expect(output[count].isNaN, "writes behind its end")
    }

    @Test(arguments: [1, 2, 3, 6, 7]) func everyStepIsGathered(step: Int) {
        let samples = (0..<100).map(Float.init)
        var target = [Float](repeating: -1, count: 13)
        Kernels.gather(samples, step: step, into: &target, count: 12)
        #expect(target == (0..<12).map { Float($0 * step) } + [-1])
    }

    @Test(arguments: [Kernels.Instructions.baseline, .v3])
    func aSpectrumIsWindowedAndSquared(instructions: Kernels.Instructions) {
        guard instructions == .baseline || KernelsTests.hasV3 else { return }
        let (samples, window) = (KernelsTests.noise(768, seed: 3), KernelsTests.noise(768, seed: 4))
        var windowed = [Float](repeating: .nan, count: 768)
        Kernels.window(samples, window, into: &windowed, count: 768, instructions)
        #expect(windowed == zip(samples, window).map { $0 * $1 })
        let spectrum = KernelsTests.noise(770, seed: 5)
        var powers = [Float](repeating: .nan, count: 386)
        Kernels.powers(spectrum, into: &powers, count: 385, instructions)
        for bin in 0..<385 {
            #expect(
                powers[bin] == spectrum[2 * bin] * spectrum[2 * bin] + spectrum[2 * bin + 1] * spectrum[2 * bin + 1])
        }
        #expect(powers[385].isNaN)
    }

    // Bands of the narrowest pitch are as wide as the lanes; others have bins left over.
    @Test(arguments: [0.75, 1, 1.3], [Kernels.Instructions.baseline, .v3])
    func bandsAreSumsOfTheirBins(pitch: Double, instructions: Kernels.Instructions) {
        guard instructions == .baseline || KernelsTests.hasV3 else { return }
        let bins = KernelsTests.noise(60, seed: 6).map { $0 * $0 }
        let perBand = pitch > 1 ? 11 : 8
        let shares = KernelsTests.noise(4 * perBand, seed: 7).map(abs)
        let starts: [Int32] = [0, 7, 13, 40]
        var row = [Float](repeating: .nan, count: 64)
        Kernels.integrate(
            bins, shares: shares, binsPerBand: perBand, starts: starts, bands: 4, into: &row, half: 32, instructions)
        for band in 0..<4 {
            let sum = (0..<perBand).reduce(0.0) {
                $0 + Double(shares[band * perBand + $1]) * Double(bins[Int(starts[band]) + $1])
            }
            #expect(abs(Double(row[band % 2 * 32 + band / 2]) - sum) < 1e-5 * sum)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1_023], [Kernels.Instructions.baseline, .v3])
    func rowsAreAddedTurned(shift: Int, instructions: Kernels.Instructions) {
        guard instructions == .baseline || KernelsTests.hasV3 else { return }
        let scores = KernelsTests.words(1_024, seed: 8)
        var sums = (0..<1_024).map { Int32($0 * 1_000) }
        Kernels.addTurned(scores, shift: shift, to: &sums, count: 1_024, instructions)
        #expect(sums == (0..<1_024).map { Int32($0 * 1_000) + Int32(scores[($0 + shift) % 1_024]) })
    }

    @Test(arguments: [Kernels.Instructions.baseline, .v3])
    func impulsesAddTheirRows(instructions: Kernels.Instructions) {
        guard instructions == .baseline || KernelsTests.hasV3 else { return }
        let rows = KernelsTests.words(3 * 32, seed: 9).map { $0 / 4 }
        let impulses: [CorrelationKernel.Impulse] = [(0, 0), (2, 5), (1, 17), (2, 31)]
        var sums = [Int16](repeating: 1, count: 64)
        impulses.withUnsafeBufferPointer { Kernels.add($0, rows: rows, length: 32, to: &sums, instructions) }
        var expected = [Int16](repeating: 1, count: 64)
        for (row, first) in impulses {
            for index in 0..<32 { expected[Int(first) + index] &+= rows[Int(row) * 32 + index] }
        }
        #expect(sums == expected)
    }

    /// What is measured of a cell must not tell on what processor an analysis ran: evidence is computed again
    /// elsewhere.
    @Test(.enabled(if: KernelsTests.hasV3)) func otherInstructionsGiveTheSameBits() {
        let valid = 37
        let powers = KernelsTests.powers((valid + 3) * 8, seed: 10)
        let floors = KernelsTests.powers(16, seed: 11).map { $0 + DipoleKernel.leastPower }
        let results = [Kernels.Instructions.baseline, .v3].map { instructions in
            var scratch = [SIMD8<Float>](repeating: .zero, count: DipoleKernel.scratchVectors(valid: valid))
            var rows = [SIMD8<Float>](repeating: .zero, count: 3 * valid * 4)
            rows.withUnsafeMutableBufferPointer { rows in
                let base = rows.baseAddress!
                Kernels.measure(
                    powers, valid: valid, dipoles: MarkLayout.dipoleCount, floors: floors, scratch: &scratch,
                    into: (base, base + valid * 4, base + 2 * valid * 4), instructions)
            }
            return rows.flatMap { row in (0..<8).map { row[$0].bitPattern } }
        }
        #expect(results[0] == results[1])
        var bands: [[UInt32]] = []
        for instructions in [Kernels.Instructions.baseline, .v3] {
            let bins = KernelsTests.noise(60, seed: 12).map { $0 * $0 }
            let shares = KernelsTests.noise(4 * 11, seed: 13)
            var row = [Float](repeating: 0, count: 64)
            Kernels.integrate(
                bins, shares: shares, binsPerBand: 11, starts: [0, 7, 13, 40], bands: 4, into: &row, half: 32,
                instructions)
            bands.append(row.map(\.bitPattern))
        }
        #expect(bands[0] == bands[1])
    }
}
