import EarmarkDSP
import EarmarkFFTW
import EarmarkTestSupport
import Foundation
import Testing

@Suite struct FFTWTransformTests {
    @Test(arguments: [2, 8, 30, 256, 768, 1_024])
    func forwardMatchesTheDefinition(length: Int) {
        let input = FFTWTransformTests.samples(length + 5, seed: UInt64(length))
        let transform = FFTWProvider().realTransform(length: length)
        #expect(transform.length == length)
        var spectrum = [Float](repeating: .nan, count: length + 2)
        transform.forward(input, at: 3, into: &spectrum)
        let reference = FFTWTransformTests.directTransform(Array(input[3..<3 + length]))
        #expect(Decibels.signalToNoise(spectrum.map(Double.init), reference: reference) > 100)
    }

    @Test(arguments: [2, 30, 768, 1_024, 65_536])
    func inverseUndoesForwardTimesLength(length: Int) {
        let input = FFTWTransformTests.samples(length, seed: 2)
        let transform = FFTWProvider().realTransform(length: length)
        var spectrum = [Float](repeating: 0, count: length + 2)
        transform.forward(input, at: 0, into: &spectrum)
        let kept = spectrum
        var output = [Float](repeating: .nan, count: length)
        transform.inverse(spectrum, into: &output)
        let reference = input.map { Double($0) * Double(length) }
        #expect(Decibels.signalToNoise(output.map(Double.init), reference: reference) > 100)
        // Complex-to-real plans may destroy their input; the caller's must not suffer.
        #expect(spectrum == kept)
    }

    /// Plans are made under a lock and executed without one; every thread must get the bits that one thread alone gets.
    @Test func concurrentUseGivesTheSameBits() async {
        let lengths = [256, 768, 1_024]
        let inputs = lengths.map { FFTWTransformTests.samples($0, seed: 3) }
        let alone = zip(lengths, inputs).map { FFTWTransformTests.spectrum($0, $1) }
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<24 {
                group.addTask {
                    (0..<20).allSatisfy { round in
                        let index = (task + round) % lengths.count
                        return FFTWTransformTests.spectrum(lengths[index], inputs[index]) == alone[index]
                    }
                }
            }
            for await same in group { #expect(same) }
        }
    }

    private static func samples(_ count: Int, seed: UInt64) -> [Float] {
        var noise = NoiseSource(seed: seed)
        return noise.white(count, deviation: 0.5)
    }

    private static func spectrum(_ length: Int, _ input: [Float]) -> [Float] {
        var spectrum = [Float](repeating: 0, count: length + 2)
        FFTWProvider().realTransform(length: length).forward(input, at: 0, into: &spectrum)
        return spectrum
    }

    /// The sum of the definition, in double precision.
    private static func directTransform(_ input: [Float]) -> [Double] {
        let count = input.count
        let circle = (0..<count).map { index -> (Double, Double) in
            let angle = 2 * Double.pi * Double(index) / Double(count)
            return (cos(angle), sin(angle))
        }
        var bins: [Double] = []
        for bin in 0...count / 2 {
            var re = 0.0
            var im = 0.0
            for (index, value) in input.enumerated() {
                let (cosine, sine) = circle[bin * index % count]
                re += Double(value) * cosine
                im -= Double(value) * sine
            }
            bins += [re, im]
        }
        return bins
    }
}
