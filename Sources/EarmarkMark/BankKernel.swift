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
    ///
    /// `drive` and `sums` are scratch for as many samples, `sums` with `padding`.
    @inline(__always)
    func run(
        _ input: UnsafePointer<Float>, growth: UnsafePointer<Float>, decay: UnsafePointer<Float>, count: Int,
        coefficients: UnsafePointer<Lanes>, states: UnsafeMutablePointer<Lanes>, groups: Int,
        drive: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Lanes>, into output: UnsafeMutablePointer<Float>
    ) {
        unsafe BankKernel.grow(input, by: growth, count: count, into: drive)
        var group = 0
        #if EARMARK_WIDE
            while group + 4 <= groups {
                unsafe BankKernel.runFour(drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
                group += 4
            }
            if group + 3 <= groups {
                unsafe BankKernel.runThree(drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
                group += 3
            }
        #endif
        while group + 2 <= groups {
            unsafe BankKernel.runTwo(drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
            group += 2
        }
        if group < groups {
            unsafe BankKernel.runOne(drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
        }
        unsafe BankKernel.reduce(sums, count: count, decay: decay, into: output)
    }

    @inline(__always)
    private static func grow(
        _ input: UnsafePointer<Float>, by growth: UnsafePointer<Float>, count: Int,
        into drive: UnsafeMutablePointer<Float>
    ) {
        var index = 0
        while index + 4 <= count {
            unsafe store(four(input + index) * four(growth + index), drive + index)
            index += 4
        }
        while index < count {
            unsafe drive[index] = input[index] * growth[index]
            index += 1
        }
    }

    @inline(__always)
    private static func runOne(
        _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
        _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>, _ isFirst: Bool
    ) {
        var first = unsafe Group(coefficients, states)
        if isFirst {
            for index in 0..<count {
                let x = unsafe Lanes(repeating: drive[index])
                unsafe sums[index] = first.step(x)
            }
        } else {
            for index in 0..<count {
                let x = unsafe Lanes(repeating: drive[index])
                unsafe sums[index] = sums[index] + first.step(x)
            }
        }
        unsafe first.save(states)
    }

    @inline(__always)
    private static func runTwo(
        _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
        _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>, _ isFirst: Bool
    ) {
        var first = unsafe Group(coefficients, states)
        var second = unsafe Group(coefficients + 3, states + 2)
        if isFirst {
            for index in 0..<count {
                let x = unsafe Lanes(repeating: drive[index])
                unsafe sums[index] = first.step(x) + second.step(x)
            }
        } else {
            for index in 0..<count {
                let x = unsafe Lanes(repeating: drive[index])
                unsafe sums[index] = sums[index] + (first.step(x) + second.step(x))
            }
        }
        unsafe first.save(states)
        unsafe second.save(states + 2)
    }

    #if EARMARK_WIDE
        @inline(__always)
        private static func runThree(
            _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
            _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>, _ isFirst: Bool
        ) {
            var first = unsafe Group(coefficients, states)
            var second = unsafe Group(coefficients + 3, states + 2)
            var third = unsafe Group(coefficients + 6, states + 4)
            if isFirst {
                for index in 0..<count {
                    let x = unsafe Lanes(repeating: drive[index])
                    // As if by twos: two, then one.
                    unsafe sums[index] = (first.step(x) + second.step(x)) + third.step(x)
                }
            } else {
                for index in 0..<count {
                    let x = unsafe Lanes(repeating: drive[index])
                    unsafe sums[index] = (sums[index] + (first.step(x) + second.step(x))) + third.step(x)
                }
            }
            unsafe first.save(states)
            unsafe second.save(states + 2)
            unsafe third.save(states + 4)
        }

        @inline(__always)
        private static func runFour(
            _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
            _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>, _ isFirst: Bool
        ) {
            var first = unsafe Group(coefficients, states)
            var second = unsafe Group(coefficients + 3, states + 2)
            var third = unsafe Group(coefficients + 6, states + 4)
            var fourth = unsafe Group(coefficients + 9, states + 6)
            if isFirst {
                for index in 0..<count {
                    let x = unsafe Lanes(repeating: drive[index])
                    unsafe sums[index] = (first.step(x) + second.step(x)) + (third.step(x) + fourth.step(x))
                }
            } else {
                for index in 0..<count {
                    let x = unsafe Lanes(repeating: drive[index])
                    unsafe sums[index] =
                        (sums[index] + (first.step(x) + second.step(x))) + (third.step(x) + fourth.step(x))
                }
            }
            unsafe first.save(states)
            unsafe second.save(states + 2)
            unsafe third.save(states + 4)
            unsafe fourth.save(states + 6)
        }
    #endif

    /// Sums the lanes and undoes the growth, four samples at a time.
    @inline(__always)
    private static func reduce(
        _ sums: UnsafePointer<Lanes>, count: Int, decay: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
    ) {
        var index = 0
        while index + 4 <= count {
            unsafe store(lanes(sums + index) * four(decay + index), output + index)
            index += 4
        }
        guard index < count else { return }
        let all = unsafe lanes(sums + index)
        for lane in 0..<count - index { unsafe output[index + lane] = all[lane] * decay[index + lane] }
    }

    /// Sums of the lanes of four vectors: halves, then even and odd lanes, the same order for every sample.
    @inline(__always)
    private static func lanes(_ sums: UnsafePointer<Lanes>) -> SIMD4<Float> {
        let a = unsafe sums[0].lowHalf + sums[0].highHalf
        let b = unsafe sums[1].lowHalf + sums[1].highHalf
        let c = unsafe sums[2].lowHalf + sums[2].highHalf
        let d = unsafe sums[3].lowHalf + sums[3].highHalf
        let ab = SIMD4(lowHalf: a.lowHalf, highHalf: b.lowHalf) + SIMD4(lowHalf: a.highHalf, highHalf: b.highHalf)
        let cd = SIMD4(lowHalf: c.lowHalf, highHalf: d.lowHalf) + SIMD4(lowHalf: c.highHalf, highHalf: d.highHalf)
        return SIMD4(lowHalf: ab.evenHalf, highHalf: cd.evenHalf) + SIMD4(lowHalf: ab.oddHalf, highHalf: cd.oddHalf)
    }

    @inline(__always)
    private static func four(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
        unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
    }

    @inline(__always)
    private static func store(_ four: SIMD4<Float>, _ pointer: UnsafeMutablePointer<Float>) {
        unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: four, as: SIMD4<Float>.self)
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
