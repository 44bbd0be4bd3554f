import Glibc

/// A Butterworth high-pass filter of the fourth order, eight samples at a time.
///
/// What eight samples come out as is a sum over what went in and over the filter's four states, and so are its next
/// states: the factors are what two sections of the second order answer to each of them alone. A recursion from sample
/// to sample would wait for itself most of the time.
struct HighPass: Sendable {
    typealias Lanes = SIMD8<Float>

    /// What is kept from one group of samples to the next.
    typealias State = SIMD4<Float>

    /// States below this are emptied, before they become denormal numbers, which are slow.
    private static let least: Float = 1e-15

    /// Eight outputs, and then the next states, for each input of a group and for each state.
    private var outputs: [Lanes] = []
    private var states: [State] = []

    /// Passes what lies above `frequency`, in cycles a sample.
    init(_ frequency: Double) {
        for cause in 0..<Lanes.scalarCount + State.scalarCount {
            var sections = HighPassSections(frequency)
            if cause >= Lanes.scalarCount { sections.state[cause - Lanes.scalarCount] = 1 }
            var output = Lanes.zero
            for lane in 0..<Lanes.scalarCount { output[lane] = Float(sections.filtered(lane == cause ? 1 : 0)) }
            outputs.append(output)
            states.append(State(sections.state))
        }
    }

    /// Energy of the filtered samples, the sum of their squares, of whole groups of eight; the rest is left out.
    func energy(_ samples: UnsafeBufferPointer<Float>, _ state: inout State) -> Double {
        guard let base = samples.baseAddress else { return 0 }
        return outputs.withUnsafeBufferPointer { outputs in
            states.withUnsafeBufferPointer { states in
                var now = state
                var sum = Lanes.zero
                for group in 0..<samples.count / Lanes.scalarCount {
                    var output = Lanes.zero
                    var next = State.zero
                    for lane in 0..<Lanes.scalarCount {
                        let x = base[group * Lanes.scalarCount + lane]
                        output += outputs[lane] * x
                        next += states[lane] * x
                    }
                    for lane in 0..<State.scalarCount {
                        output += outputs[Lanes.scalarCount + lane] * now[lane]
                        next += states[Lanes.scalarCount + lane] * now[lane]
                    }
                    now = next
                    sum += output * output
                }
                let isLow = (now .< HighPass.least) .& (now .> -HighPass.least)
                state = now.replacing(with: 0, where: isLow)
                return (0..<Lanes.scalarCount).reduce(0) { $0 + Double(sum[$1]) }
            }
        }
    }
}

/// The same filter as two sections of the second order, in transposed form, sample by sample.
private struct HighPassSections {
    /// Damping of the two.
    private static let damping = [0.923_879_532_511, 0.382_683_432_365]

    /// Two numbers for each section.
    var state = SIMD4<Double>.zero
    private let sections: [(gain: Double, feedback: (Double, Double))]

    init(_ frequency: Double) {
        let warped = tan(.pi * frequency)
        sections = HighPassSections.damping.map { damping in
            let scale = 1 / (1 + 2 * damping * warped + warped * warped)
            return (scale, (2 * (warped * warped - 1) * scale, (1 - 2 * damping * warped + warped * warped) * scale))
        }
    }

    mutating func filtered(_ sample: Double) -> Double {
        var x = sample
        for (index, section) in sections.enumerated() {
            let result = section.gain * x + state[2 * index]
            state[2 * index] = state[2 * index + 1] - 2 * section.gain * x - section.feedback.0 * result
            state[2 * index + 1] = section.gain * x - section.feedback.1 * result
            x = result
        }
        return x
    }
}
