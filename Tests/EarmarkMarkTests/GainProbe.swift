import EarmarkMark
import EarmarkTestSupport
import Foundation

/// What the mark does to a tone: within a chip its resonators are fixed, so the mark is the tone times a gain.
struct GainProbe {
    let host: [Float]
    let marked: [Float]
    let rate: Double
    /// The tone that is looked at, where the host has several.
    var tone: [Float]?

    /// Gain around `seconds` from the first sample: the mark's projection on the tone over `width` seconds (Hann).
    func gain(at seconds: Double, width: Double = 0.004) -> Double {
        let half = width / 2 * rate
        let centre = seconds * rate
        var product = 0.0
        var energy = 0.0
        for frame in Int((centre - half).rounded(.up))...Int((centre + half).rounded(.down)) {
            let weight = 0.5 + 0.5 * cos(Double.pi * (Double(frame) - centre) / half)
            let sample = Double(tone?[frame] ?? host[frame])
            product += weight * sample * (Double(marked[frame]) - Double(host[frame]))
            energy += weight * sample * sample
        }
        return product / energy
    }

    /// Tones of the amplitude `level(seconds)` at each of `frequencies`.
    static func tones(
        _ frequencies: [Double], seconds: Double, rate: Double, level: (Double) -> Double
    ) -> [Float] {
        (0..<Int(seconds * rate)).map { frame in
            let time = Double(frame) / rate
            let sum = frequencies.reduce(0.0) { $0 + sin(2 * Double.pi * $1 * time) }
            return Float(level(time) * sum)
        }
    }
}
