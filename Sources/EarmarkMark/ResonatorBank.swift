internal import CMath

/// The resonators of all channels, eight bands to a vector.
struct ResonatorBank {
    typealias Lanes = SIMD8<Float>

    /// Vectors of eight bands.
    let groupCount: Int
    let channels: Int
    let bandCount: Int
    private let poleRe: [Lanes]
    private let poleIm: [Lanes]
    private let inputGain: Float
    /// Real and imaginary parts of the states. Shape: channels x groups.
    private(set) var stateRe: [Lanes]
    private(set) var stateIm: [Lanes]
    private var sums: [Lanes]

    /// Longest block that `process` takes, frames: an update interval at the highest rate.
    static let longestBlock = 64

    init(design: ResonatorDesign, channels: Int) {
        bandCount = design.bandCount
        groupCount = (design.bandCount + 7) / 8
        self.channels = channels
        inputGain = Float(design.inputGain)
        var re = [Lanes](repeating: .zero, count: groupCount)
        var im = re
        for band in 0..<bandCount {
            re[band / 8][band % 8] = Float(design.radius * cos(design.angles[band]))
            im[band / 8][band % 8] = Float(design.radius * sin(design.angles[band]))
        }
        poleRe = re
        poleIm = im
        stateRe = .init(repeating: .zero, count: groupCount * channels)
        stateIm = stateRe
        sums = .init(repeating: .zero, count: ResonatorBank.longestBlock)
    }

    /// Empties a channel's resonators.
    mutating func flush(channel: Int) {
        for index in channel * groupCount..<(channel + 1) * groupCount {
            stateRe[index] = .zero
            stateIm[index] = .zero
        }
    }

    /// Feeds `count` samples to a channel and writes the sum over bands of gain x real part.
    mutating func process(_ input: [Float], count: Int, channel: Int, gains: [Lanes], into output: inout [Float]) {
        precondition(count <= ResonatorBank.longestBlock && count <= input.count && count <= output.count)
        for index in 0..<count { sums[index] = .zero }
        for group in 0..<groupCount {
            let slot = channel * groupCount + group
            advance(
                input, count, poleRe[group], poleIm[group], gains[group], &stateRe[slot], &stateIm[slot], &sums)
        }
        for index in 0..<count { output[index] = sums[index].sum() }
    }

    @inline(__always)
    private func advance(
        _ input: [Float], _ count: Int, _ poleRe: Lanes, _ poleIm: Lanes, _ gain: Lanes, _ stateRe: inout Lanes,
        _ stateIm: inout Lanes, _ sums: inout [Lanes]
    ) {
        var re = stateRe
        var im = stateIm
        for index in 0..<count {
            let drive = Lanes(repeating: input[index] * inputGain)
            let turned = re * poleRe - im * poleIm + drive
            im = re * poleIm + im * poleRe
            re = turned
            sums[index] += gain * re
        }
        stateRe = re
        stateIm = im
    }
}
