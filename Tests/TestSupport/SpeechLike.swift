import Foundation

/// A host that behaves like speech where it matters to the mark: syllables, pauses, pitch, formants, a noise floor.
public enum SpeechLike {
    /// One syllable: formants and how it is voiced.
    private struct Syllable {
        var length: Int
        var gain: Float
        var pitch: Double
        var voicing: Float
        var formants: [Double]
    }

    /// Mono samples at `rate` hertz, at about -20 dBFS, the same for the same `seed`.
    public static func samples(seconds: Double, rate: Double = 16_000, seed: UInt64) -> [Float] {
        let count = Int((seconds * rate).rounded())
        var noise = NoiseSource(seed: seed)
        var output: [Float] = []
        output.reserveCapacity(count + Int(rate))
        var cycle = 0.0
        while output.count < count {
            speak(syllable(rate, &noise), rate, &cycle, &noise, &output)
            if noise.uniform() < 0.12 {
                let pause = Int(noise.uniform(in: 0.15...0.6) * rate)
                for _ in 0..<pause { output.append(hiss(&noise)) }
            }
        }
        output.removeLast(output.count - count)
        return output
    }

    private static func syllable(_ rate: Double, _ noise: inout NoiseSource) -> Syllable {
        Syllable(
            length: Int(noise.uniform(in: 0.08...0.3) * rate), gain: Float(noise.uniform(in: 0.3...1)),
            pitch: noise.uniform(in: 90...220), voicing: noise.uniform() < 0.7 ? 1 : 0,
            formants: [
                noise.uniform(in: 300...900), noise.uniform(in: 900...2_300), noise.uniform(in: 2_300...3_400),
                min(noise.uniform(in: 3_400...6_500), 0.45 * rate),
            ])
    }

    /// Background at about -66 dBFS; cheaper than a normal number and as white.
    private static func hiss(_ noise: inout NoiseSource) -> Float {
        (Float(noise.bits() >> 40) * 0x1p-24 - 0.5) * 1.7e-3
    }

    private static func speak(
        _ syllable: Syllable, _ rate: Double, _ cycle: inout Double, _ noise: inout NoiseSource,
        _ output: inout [Float]
    ) {
        // Two-pole resonators, 120 Hz wide.
        let radius = exp(-Double.pi * 120 / rate)
        let feedback = syllable.formants.map { Float(2 * radius * cos(2 * Double.pi * $0 / rate)) }
        let decay = Float(radius * radius)
        var near = [Float](repeating: 0, count: feedback.count)
        var far = near
        let step = syllable.pitch / rate
        for index in 0..<syllable.length {
            cycle += step
            var excitation = (Float(noise.bits() >> 40) * 0x1p-24 - 0.5) * (syllable.voicing > 0 ? 0.15 : 0.5)
            if cycle >= 1 {
                cycle -= 1
                excitation += 3 * syllable.voicing
            }
            let shape = Float(sin(Double.pi * (Double(index) + 0.5) / Double(syllable.length)))
            var sum: Float = 0
            for formant in feedback.indices {
                let value = excitation + feedback[formant] * near[formant] - decay * far[formant]
                far[formant] = near[formant]
                near[formant] = value
                sum += value
            }
            output.append(0.02 * syllable.gain * shape * sum + hiss(&noise))
        }
    }
}
