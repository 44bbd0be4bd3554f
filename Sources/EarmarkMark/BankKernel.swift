/// The inner loops of the resonator bank.
///
/// For every band and sample: w[i] = c w[i-1] + (x[i] - w[i-2]), output += a w[i] + b w[i-1]. Several groups of eight
/// bands run side by side, since one alone waits for its own recursion most of the time: as many as the registers hold.
/// The order of all sums is the same however many that are, and Swift fuses nothing: the same bits on every machine.
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
                unsafe run(Four.self, drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
                group += 4
            }
            if group + 3 <= groups {
                unsafe run(Three.self, drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
                group += 3
            }
        #endif
        while group + 2 <= groups {
            unsafe run(Two.self, drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
            group += 2
        }
        if group < groups {
            unsafe run(One.self, drive, count, coefficients + 3 * group, states + 2 * group, sums, group == 0)
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

    /// Runs a few groups over all samples, two at a time, and adds what they make to `sums`.
    @inline(__always)
    private func run<Groups: ResonatorGroups>(
        _ kind: Groups.Type, _ drive: UnsafePointer<Float>, _ count: Int, _ coefficients: UnsafePointer<Lanes>,
        _ states: UnsafeMutablePointer<Lanes>, _ sums: UnsafeMutablePointer<Lanes>, _ isFirst: Bool
    ) {
        var groups = unsafe Groups(coefficients, states)
        if isFirst {
            unsafe run(&groups, drive, count, into: sums)
        } else {
            unsafe run(&groups, drive, count, onto: sums)
        }
        unsafe groups.save(states)
    }

    @inline(__always)
    private func run(
        _ groups: inout some ResonatorGroups, _ drive: UnsafePointer<Float>, _ count: Int,
        into sums: UnsafeMutablePointer<Lanes>
    ) {
        var index = 0
        while index + 2 <= count {
            unsafe sums[index] = groups.odd(Lanes(repeating: drive[index]), nil)
            unsafe sums[index + 1] = groups.even(Lanes(repeating: drive[index + 1]), nil)
            index += 2
        }
        guard index < count else { return }
        unsafe sums[index] = groups.odd(Lanes(repeating: drive[index]), nil)
        groups.turn()
    }

    @inline(__always)
    private func run(
        _ groups: inout some ResonatorGroups, _ drive: UnsafePointer<Float>, _ count: Int,
        onto sums: UnsafeMutablePointer<Lanes>
    ) {
        var index = 0
        while index + 2 <= count {
            unsafe sums[index] = groups.odd(Lanes(repeating: drive[index]), sums[index])
            unsafe sums[index + 1] = groups.even(Lanes(repeating: drive[index + 1]), sums[index + 1])
            index += 2
        }
        guard index < count else { return }
        unsafe sums[index] = groups.odd(Lanes(repeating: drive[index]), sums[index])
        groups.turn()
    }

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
}
