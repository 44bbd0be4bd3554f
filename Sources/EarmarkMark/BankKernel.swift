/// The inner loops of the resonator bank.
///
/// For every band and sample: w[i] = c w[i-1] + (x[i] - w[i-2]), output += a w[i] + b w[i-1]. Several groups of eight bands run
/// side by side, since one alone waits for its own recursion most of the time: as many as the registers hold. The order
/// of all sums is the same however many that are, and Swift fuses nothing: the same bits on every machine.
struct BankKernel {
    typealias Lanes = SIMD8<Float>

    /// Vectors beyond a block that `sums` must have room for.
    static let padding = 4

    /// Runs `groups` groups over `count` samples.
    @inline(__always)
    func run(
        _ input: UnsafePointer<Float>, growth: UnsafePointer<Float>, decay: UnsafePointer<Float>, count: Int,
        coefficients: UnsafePointer<Lanes>, states: UnsafeMutablePointer<Lanes>, groups: Int,
        sums: UnsafeMutablePointer<Lanes>, into output: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<count {
            unsafe output[index] = input[index] * growth[index]
            unsafe sums[index] = .zero
        }
        var group = 0
        #if EARMARK_WIDE
            while group + 4 <= groups {
                unsafe BankKernel.runFour(output, count, coefficients + 3 * group, states + 2 * group, sums)
                group += 4
            }
            if group + 3 <= groups {
                unsafe BankKernel.runThree(output, count, coefficients + 3 * group, states + 2 * group, sums)
                group += 3
            }
        #endif
        while group + 2 <= groups {
            unsafe BankKernel.runTwo(output, count, coefficients + 3 * group, states + 2 * group, sums)
            group += 2
        }
        if group < groups {
            unsafe BankKernel.runOne(output, count, coefficients + 3 * group, states + 2 * group, sums)
        }
        unsafe BankKernel.reduce(sums, count: count, decay: decay, into: output)
    }

    @inline(__always)
    private static func runOne(
        _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
        _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>
    ) {
        var first = unsafe Group(coefficients, states)
        for index in 0..<count { unsafe sums[index] += first.step(Lanes(repeating: drive[index])) }
        unsafe first.save(states)
    }

    @inline(__always)
    private static func runTwo(
        _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
        _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>
    ) {
        var first = unsafe Group(coefficients, states)
        var second = unsafe Group(coefficients + 3, states + 2)
        for index in 0..<count {
            let x = unsafe Lanes(repeating: drive[index])
            unsafe sums[index] += first.step(x) + second.step(x)
        }
        unsafe first.save(states)
        unsafe second.save(states + 2)
    }

    #if EARMARK_WIDE
        @inline(__always)
        private static func runThree(
            _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
            _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>
        ) {
            var first = unsafe Group(coefficients, states)
            var second = unsafe Group(coefficients + 3, states + 2)
            var third = unsafe Group(coefficients + 6, states + 4)
            for index in 0..<count {
                let x = unsafe Lanes(repeating: drive[index])
                // As if by twos: two, then one.
                unsafe sums[index] = (sums[index] + (first.step(x) + second.step(x))) + third.step(x)
            }
            unsafe first.save(states)
            unsafe second.save(states + 2)
            unsafe third.save(states + 4)
        }

        @inline(__always)
        private static func runFour(
            _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
            _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>
        ) {
            var first = unsafe Group(coefficients, states)
            var second = unsafe Group(coefficients + 3, states + 2)
            var third = unsafe Group(coefficients + 6, states + 4)
            var fourth = unsafe Group(coefficients + 9, states + 6)
            for index in 0..<count {
                let x = unsafe Lanes(repeating: drive[index])
                unsafe sums[index] =
                    (sums[index] + (first.step(x) + second.step(x))) + (third.step(x) + fourth.step(x))
            }
            unsafe first.save(states)
            unsafe second.save(states + 2)
            unsafe third.save(states + 4)
            unsafe fourth.save(states + 6)
        }
    #endif

    /// Sums the lanes and undoes the growth, four samples at a time; writes up to three more than `count` to nowhere.
    @inline(__always)
    private static func reduce(
        _ sums: UnsafePointer<Lanes>, count: Int, decay: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
    ) {
        var index = 0
        while index < count {
            // Halves, then even and odd lanes: the same order for every sample, wherever a block begins.
            let a = unsafe sums[index].lowHalf + sums[index].highHalf
            let b = unsafe sums[index + 1].lowHalf + sums[index + 1].highHalf
            let c = unsafe sums[index + 2].lowHalf + sums[index + 2].highHalf
            let d = unsafe sums[index + 3].lowHalf + sums[index + 3].highHalf
            let ab = SIMD4(lowHalf: a.lowHalf, highHalf: b.lowHalf) + SIMD4(lowHalf: a.highHalf, highHalf: b.highHalf)
            let cd = SIMD4(lowHalf: c.lowHalf, highHalf: d.lowHalf) + SIMD4(lowHalf: c.highHalf, highHalf: d.highHalf)
            let all =
                SIMD4(lowHalf: ab.evenHalf, highHalf: cd.evenHalf)
                + SIMD4(lowHalf: ab.oddHalf, highHalf: cd.oddHalf)
            for lane in 0..<min(4, count - index) { unsafe output[index + lane] = all[lane] * decay[index + lane] }
            index += 4
        }
    }

    /// One group's resonators while a block runs, in registers.
    private struct Group {
        private let cosine: Lanes
        private let leading: Lanes
        private let trailing: Lanes
        private var near: Lanes
        private var far: Lanes

        @inline(__always)
        init(_ coefficients: UnsafePointer<Lanes>, _ state: UnsafePointer<Lanes>) {
            unsafe cosine = coefficients[0]
            unsafe leading = coefficients[1]
            unsafe trailing = coefficients[2]
            unsafe near = state[0]
            unsafe far = state[1]
        }

        /// Takes in a sample, the same for all bands, and returns what they add to the mark.
        @inline(__always)
        mutating func step(_ drive: Lanes) -> Lanes {
            let now = cosine * near + (drive - far)
            let output = leading * now + trailing * near
            far = near
            near = now
            return output
        }

        @inline(__always)
        func save(_ state: UnsafeMutablePointer<Lanes>) {
            unsafe state[0] = near
            unsafe state[1] = far
        }
    }
}
