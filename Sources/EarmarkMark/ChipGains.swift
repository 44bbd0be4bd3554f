/// The gains of the chips around now, allocated once.
@safe struct ChipGains: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// The neighbour that the current chip is blended with.
    enum Neighbour: Int {
        case previous = 0
        case next = 2
    }

    /// Signed gains of the previous, current and next chip.
    ///
    /// Shape: 3 x groups.
    private let chips: UnsafeMutablePointer<Lanes>
    /// Gain of each band at depth.
    private let depths: UnsafeMutablePointer<Lanes>
    private let groupCount: Int
    private let dipoles: Int

    /// `scale` turns the depths, in decibels, into gains.
    init(depths decibels: [Double], scale: Double, groupCount: Int) {
        self.groupCount = groupCount
        dipoles = decibels.count / 2
        unsafe chips = .zeroed(3 * groupCount)
        unsafe depths = .zeroed(groupCount)
        for (band, depth) in decibels.enumerated() { unsafe depths[band / 8][band % 8] = Float(depth * scale) }
    }

    deinit {
        unsafe chips.deallocate()
        unsafe depths.deallocate()
    }

    /// Takes over the signs of the three chips around now.
    mutating func load(_ timeline: borrowing ChipTimeline) {
        load(timeline.previous, slot: 0)
        load(timeline.current, slot: 1)
        load(timeline.next, slot: 2)
    }

    /// Takes over the signs of the next chip, which are complete only now.
    mutating func loadNext(_ timeline: borrowing ChipTimeline) { load(timeline.next, slot: 2) }

    private mutating func load(_ signs: [Float], slot: Int) {
        unsafe signs.withUnsafeBufferPointer { signs in
            for group in 0..<groupCount {
                var lanes = Lanes.zero
                for dipole in 4 * group..<min(4 * group + 4, dipoles) {
                    lanes[2 * (dipole & 3)] = unsafe signs[dipole]
                    lanes[2 * (dipole & 3) + 1] = unsafe -signs[dipole]
                }
                unsafe chips[slot * groupCount + group] = lanes * depths[group]
            }
        }
    }

    /// Sets gains between a neighbouring chip (`share` 0) and the current one (1), times the host's weights.
    func blend(
        _ neighbour: Neighbour, share: Float, weights: borrowing HostWeights, into bank: inout ResonatorBank
    ) {
        for group in 0..<groupCount {
            let from = unsafe chips[neighbour.rawValue * groupCount + group]
            let to = unsafe chips[groupCount + group]
            unsafe bank.setGain((from + (to - from) * share) * weights.values[group], group: group)
        }
    }
}
