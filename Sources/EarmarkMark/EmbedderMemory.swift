/// All that an embedder changes from block to block, allocated once.
@safe struct EmbedderMemory: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// The neighbour that the current chip is blended with.
    enum Neighbour: Int {
        case previous = 0
        case next = 2
    }

    struct ChannelState {
        /// Consecutive zero samples so far.
        var zeroRun = 0
        /// The resonators hold nothing, and nothing but zeros came since.
        var isEmpty = true
        /// Share of the mark that full scale left room for, 0...1.
        var headroom: Float = 1
    }

    /// Input of the resonators and the mark, a block each.
    let scratch: UnsafeMutablePointer<Float>
    let mark: UnsafeMutablePointer<Float>
    let channels: UnsafeMutablePointer<ChannelState>
    /// Gain of every band now.
    let gains: UnsafeMutablePointer<Lanes>
    /// Signed gains of the previous, current and next chip.
    ///
    /// Shape: 3 x groups.
    private let chips: UnsafeMutablePointer<Lanes>
    /// Gain of each band at depth.
    private let depths: UnsafeMutablePointer<Lanes>
    private let groupCount: Int
    private let dipoles: Int

    /// `scale` turns the depths, in decibels, into gains.
    init(depths decibels: [Double], scale: Double, groupCount: Int, channels channelCount: Int) {
        self.groupCount = groupCount
        dipoles = decibels.count / 2
        unsafe scratch = .allocate(capacity: ResonatorBank.longestBlock)
        unsafe mark = .allocate(capacity: ResonatorBank.longestBlock)
        unsafe scratch.initialize(repeating: 0, count: ResonatorBank.longestBlock)
        unsafe mark.initialize(repeating: 0, count: ResonatorBank.longestBlock)
        unsafe channels = .allocate(capacity: channelCount)
        unsafe channels.initialize(repeating: ChannelState(), count: channelCount)
        unsafe gains = .allocate(capacity: groupCount)
        unsafe gains.initialize(repeating: .zero, count: groupCount)
        unsafe chips = .allocate(capacity: 3 * groupCount)
        unsafe chips.initialize(repeating: .zero, count: 3 * groupCount)
        unsafe depths = .allocate(capacity: groupCount)
        unsafe depths.initialize(repeating: .zero, count: groupCount)
        for (band, depth) in decibels.enumerated() { unsafe depths[band / 8][band % 8] = Float(depth * scale) }
    }

    deinit {
        unsafe scratch.deallocate()
        unsafe mark.deallocate()
        unsafe channels.deallocate()
        unsafe gains.deallocate()
        unsafe chips.deallocate()
        unsafe depths.deallocate()
    }

    /// Takes over the signs of the three chips around now.
    mutating func load(_ timeline: borrowing ChipTimeline) {
        load(timeline.previous, slot: 0)
        load(timeline.current, slot: 1)
        load(timeline.next, slot: 2)
    }

    private mutating func load(_ signs: [Float], slot: Int) {
        for dipole in 0..<dipoles {
            let row = slot * groupCount + dipole / 4
            let lane = 2 * (dipole % 4)
            unsafe chips[row][lane] = signs[dipole] * depths[dipole / 4][lane]
            unsafe chips[row][lane + 1] = -signs[dipole] * depths[dipole / 4][lane + 1]
        }
    }

    /// Gains between a neighbouring chip (`share` 0) and the current one (1), times the host's weights.
    mutating func blend(_ neighbour: Neighbour, share: Float, weights: borrowing HostWeights) {
        for group in 0..<groupCount {
            let from = unsafe chips[neighbour.rawValue * groupCount + group]
            let to = unsafe chips[groupCount + group]
            unsafe gains[group] = (from + (to - from) * share) * weights.values[group]
        }
    }
}
