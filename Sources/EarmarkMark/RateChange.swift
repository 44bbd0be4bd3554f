internal import CMath

/// The way from the stream's rate to the resonators' and back: one short low-pass, for both ways.
///
/// The mark ends at 7,250 Hz, so at 44.1 kHz and above every second, fourth or eighth sample is enough for the
/// resonators. The host itself never passes through here: only the mark is late by `delay`, which the resonators'
/// output phases make up for at each band's centre (`ResonatorDesign`). Aliases and images lie 58 dB or more below the
/// signal they come from, so images are 75 dB below the host and aliases are heard only through the mark.
struct RateChange {
    /// Frames of the stream for each sample of the resonators: 1, 2, 4 or 8.
    let factor: Int
    /// Impulse response, symmetric.
    ///
    /// Count: `tapsPerPhase * factor - 1`, or 1 at `factor` 1.
    let taps: [Double]

    /// Taps that one output of the way back needs: fewer let aliases through, more delay the mark.
    static let tapsPerPhase = 6
    /// Lowest rate of the resonators after a change, hertz: 44.1 kHz halved.
    private static let lowestRate = 22_050.0
    /// Kaiser's window parameter, and the cut-off as a share of the lower rate's Nyquist frequency: the pair with the
    /// lowest aliases from 22.05 to 24 kHz after what it takes from the top bands is made up for.
    private static let windowShape = 6.5
    private static let cutoffShare = 0.65

    init(sampleRate: Double) {
        factor = [8, 4, 2].first { sampleRate / Double($0) >= RateChange.lowestRate } ?? 1
        guard factor > 1 else {
            taps = [1]
            return
        }
        let half = RateChange.tapsPerPhase * factor / 2
        let cutoff = RateChange.cutoffShare / Double(factor)
        let raw = (1 - half..<half).map { offset in
            let angle = Double.pi * cutoff * Double(offset)
            let share = Double(offset) / Double(half)
            let window = RateChange.bessel(RateChange.windowShape * (1 - share * share).squareRoot())
            return (offset == 0 ? 1 : sin(angle) / angle) * window
        }
        let sum = raw.reduce(0, +)
        taps = raw.map { $0 / sum }
    }

    /// Delay of both ways together, frames of the stream.
    var delay: Int { taps.count - 1 }

    /// Gain of one way at `angle`, radians for each frame of the stream; its phase is that of half the delay.
    func gain(at angle: Double) -> Double {
        let centre = Double(taps.count - 1) / 2
        return taps.enumerated().reduce(0) { $0 + $1.element * cos(angle * (Double($1.offset) - centre)) }
    }

    /// Modified Bessel function of the first kind, order 0, by its power series.
    private static func bessel(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        var index = 1.0
        while term > 1e-12 * sum {
            term *= (x / 2 / index) * (x / 2 / index)
            sum += term
            index += 1
        }
        return sum
    }
}
