import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMark

/// The bank's single-precision two-poles against one-pole resonators in double precision, as the design has them.
@Suite struct ResonatorBankTests {
    @Test(arguments: [8_000.0, 16_000, 32_000, 44_100, 48_000, 192_000])
    func outputIsThatOfComplexResonators(rate: Double) {
        let design = ResonatorDesign(sampleRate: rate)
        let interval = 12
        var noise = NoiseSource(seed: 41)
        var bank = ResonatorBank(design: design, channels: 2, stretch: interval)
        var oracle = Oracle(design: design)
        var got: [Double] = []
        var wanted: [Double] = []
        for _ in 0..<400 {
            let gains = (0..<design.bandCount).map { _ in Float(noise.uniform(in: -0.2...0.2)) }
            for group in 0..<bank.groupCount {
                var lanes = SIMD8<Float>.zero
                for band in 8 * group..<min(8 * group + 8, design.bandCount) { lanes[band % 8] = gains[band] }
                bank.setGain(lanes, group: group)
            }
            let input = noise.white(interval, deviation: 0.2)
            // The second channel, and cut in two.
            let cut = noise.integer(in: 0...interval)
            var output = [Float](repeating: 0, count: interval)
            input.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    guard let from = input.baseAddress, let to = output.baseAddress else { return }
                    bank.process(from, start: 0, count: cut, channel: 1, into: to)
                    bank.process(from + cut, start: cut, count: interval - cut, channel: 1, into: to + cut)
                }
            }
            got += output.map(Double.init)
            wanted += input.map { oracle.step(Double($0), gains: gains) }
        }
        #expect(Decibels.signalToNoise(got, reference: wanted) > 80)
        for band in 0..<design.bandCount {
            let power = bank.power(channel: 1, group: band / 8)[band % 8]
            #expect(abs(10 * log10(Double(power) / oracle.power(band))) < 0.05, "band \(band)")
            #expect(bank.power(channel: 0, group: band / 8)[band % 8] < 1e-19)
        }
    }

    @Test func resonatorsThatHaveRungDownAreEmptied() {
        let design = ResonatorDesign(sampleRate: 16_000)
        var bank = ResonatorBank(design: design, channels: 1, stretch: 8)
        for group in 0..<bank.groupCount { bank.setGain(SIMD8(repeating: 1), group: group) }
        var samples = [Float](repeating: 0, count: 8)
        samples[0] = 1
        func run() {
            samples.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                bank.process(base, start: 0, count: 8, channel: 0, into: base)
            }
            bank.settle()
        }
        run()
        #expect(samples.contains { $0 != 0 })
        // A second: e^-314, where single precision ends at e^-103.
        for _ in 0..<2_000 {
            samples = .init(repeating: 0, count: 8)
            run()
            #expect(samples.allSatisfy { $0 == 0 || $0.isNormal })
        }
        #expect(samples.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [(8_000.0, 1), (44_099, 1), (44_100, 2), (48_000, 2), (88_200, 4), (96_000, 4), (192_000, 8)])
    func highRatesAreReduced(rate: Double, factor: Int) {
        let change = RateChange(sampleRate: rate)
        #expect(change.factor == factor)
        #expect(abs(change.gain(at: 0) - 1) < 1e-12)
        // What folds onto the mark's bands is 58 dB below them.
        let low = rate / Double(factor)
        guard factor > 1 else { return }
        for fold in 1...factor / 2 {
            for band in 0..<MarkLayout.bandCount {
                for sign in [-1.0, 1] {
                    let centre = MarkLayout.centre(ofBand: band)
                    let alias = Double(fold) * low + sign * centre
                    guard alias <= rate / 2 else { continue }
                    let scale = 2 * Double.pi / rate
                    let ratio = abs(change.gain(at: alias * scale) / change.gain(at: centre * scale))
                    #expect(20 * log10(ratio) < -57, "\(alias) Hz onto \(centre) Hz")
                }
            }
        }
    }

    /// One-pole resonators, turned and scaled as the design says.
    private struct Oracle {
        private let design: ResonatorDesign
        private var re: [Double]
        private var im: [Double]

        init(design: ResonatorDesign) {
            self.design = design
            re = .init(repeating: 0, count: design.bandCount)
            im = re
        }

        mutating func step(_ x: Double, gains: [Float]) -> Double {
            var sum = 0.0
            for band in 0..<design.bandCount {
                let turnRe = design.radius * cos(design.angles[band])
                let turnIm = design.radius * sin(design.angles[band])
                let next = re[band] * turnRe - im[band] * turnIm + design.inputGain * x
                im[band] = re[band] * turnIm + im[band] * turnRe
                re[band] = next
                let phase = design.phases[band]
                sum +=
                    Double(gains[band]) * design.outputScales[band]
                    * (re[band] * cos(phase) - im[band] * sin(phase))
            }
            return sum
        }

        func power(_ band: Int) -> Double {
            let scale = design.inputScales[band]
            return (re[band] * re[band] + im[band] * im[band]) * scale * scale
        }
    }
}
