/// One to four groups of eight resonators while a block runs, in registers.
///
/// States change places at every sample instead of being moved: `odd` takes the first sample and every second one after
/// it, `even` the others; `turn` puts the states in order where `odd` came last.
protocol ResonatorGroups {
    typealias Lanes = SIMD8<Float>

    /// Three vectors of coefficients and two of states for each group.
    init(_ coefficients: UnsafePointer<Lanes>, _ states: UnsafePointer<Lanes>)
    /// Takes in a sample, the same for all bands, and returns `sum` and what they add to the mark: two groups after
    /// two.
    mutating func odd(_ drive: Lanes, _ sum: Lanes?) -> Lanes
    mutating func even(_ drive: Lanes, _ sum: Lanes?) -> Lanes
    mutating func turn()
    func save(_ states: UnsafeMutablePointer<Lanes>)
}

/// One group.
struct One: ResonatorGroups {
    private let cosine: Lanes
    private let leading: Lanes
    private let trailing: Lanes
    private var near: Lanes
    private var far: Lanes

    @inline(__always)
    init(_ coefficients: UnsafePointer<Lanes>, _ states: UnsafePointer<Lanes>) {
        unsafe cosine = coefficients[0]
        unsafe leading = coefficients[1]
        unsafe trailing = coefficients[2]
        unsafe near = states[0]
        unsafe far = states[1]
    }

    @inline(__always)
    mutating func odd(_ drive: Lanes) -> Lanes {
        far = cosine * near + (drive - far)
        return leading * far + trailing * near
    }

    @inline(__always)
    mutating func even(_ drive: Lanes) -> Lanes {
        near = cosine * far + (drive - near)
        return leading * near + trailing * far
    }

    @inline(__always)
    mutating func odd(_ drive: Lanes, _ sum: Lanes?) -> Lanes { add(to: sum, odd(drive)) }

    @inline(__always)
    mutating func even(_ drive: Lanes, _ sum: Lanes?) -> Lanes { add(to: sum, even(drive)) }

    @inline(__always)
    mutating func turn() { swap(&near, &far) }

    @inline(__always)
    func save(_ states: UnsafeMutablePointer<Lanes>) {
        unsafe states[0] = near
        unsafe states[1] = far
    }
}

/// Two groups.
struct Two: ResonatorGroups {
    private var first: One
    private var second: One

    @inline(__always)
    init(_ coefficients: UnsafePointer<Lanes>, _ states: UnsafePointer<Lanes>) {
        unsafe first = One(coefficients, states)
        unsafe second = One(coefficients + 3, states + 2)
    }

    @inline(__always)
    mutating func odd(_ drive: Lanes, _ sum: Lanes?) -> Lanes { add(to: sum, first.odd(drive) + second.odd(drive)) }

    @inline(__always)
    mutating func even(_ drive: Lanes, _ sum: Lanes?) -> Lanes { add(to: sum, first.even(drive) + second.even(drive)) }

    @inline(__always)
    mutating func turn() {
        first.turn()
        second.turn()
    }

    @inline(__always)
    func save(_ states: UnsafeMutablePointer<Lanes>) {
        unsafe first.save(states)
        unsafe second.save(states + 2)
    }
}

/// Two groups and more behind them.
struct TwoAnd<Second: ResonatorGroups>: ResonatorGroups {
    private var first: Two
    private var second: Second

    @inline(__always)
    init(_ coefficients: UnsafePointer<Lanes>, _ states: UnsafePointer<Lanes>) {
        unsafe first = Two(coefficients, states)
        unsafe second = Second(coefficients + 6, states + 4)
    }

    @inline(__always)
    mutating func odd(_ drive: Lanes, _ sum: Lanes?) -> Lanes { second.odd(drive, first.odd(drive, sum)) }

    @inline(__always)
    mutating func even(_ drive: Lanes, _ sum: Lanes?) -> Lanes { second.even(drive, first.even(drive, sum)) }

    @inline(__always)
    mutating func turn() {
        first.turn()
        second.turn()
    }

    @inline(__always)
    func save(_ states: UnsafeMutablePointer<Lanes>) {
        unsafe first.save(states)
        unsafe second.save(states + 4)
    }
}

typealias Three = TwoAnd<One>
typealias Four = TwoAnd<Two>

/// The sum so far and `value`, or `value` where there is none yet.
@inline(__always)
private func add(to sum: SIMD8<Float>?, _ value: SIMD8<Float>) -> SIMD8<Float> {
    if let sum { sum + value } else { value }
}
