internal import EarmarkKernels

/// Divides the rate of planar audio by a whole number.
///
/// A polyphase filter of symmetric taps: 32 outputs side by side, the two samples that share a tap added first. An
/// output is the same sum in the same order however the input is cut, on every processor. Not thread-safe.
final class RateDivider {
    /// Ratios that it is made for: 32, 48 and 96 kHz down to 16 kHz, and their like.
    static let ratios: Set<Int> = [2, 3, 6]

    private let ratio: Int
    private let channels: Int
    /// Taps from the middle one outwards; the filter has them twice but for the first.
    private let taps: UnsafeMutableBufferPointer<Float>
    /// Where the samples before and after an output lie that share a tap, bytes from the output's own place in the
    /// storage.
    private let places: UnsafeMutableBufferPointer<DividerKernel.Places>
    /// Samples of every channel, each sorted by their place modulo `ratio`: `ratio` rows of `rowLength`.
    private let storage: UnsafeMutablePointer<Float>
    private let rowLength: Int
    /// Places of a row before that of the next output.
    private let history: Int
    /// Samples that were stored since the first row's beginning, of one channel.
    private var stored: Int
    /// Samples that came in, and frames that came out.
    private var taken = 0
    private var given = 0
    /// Most samples of a channel at once.
    private let longestPiece: Int

    /// `longestPiece`: most frames that one call of `divide` is given.
    init(ratio: Int, channels: Int, longestPiece: Int) {
        self.ratio = ratio
        self.channels = channels
        self.longestPiece = longestPiece
        let taps = LowPass.taps(ratio: ratio)
        let reach = taps.count - 1
        history = (reach + ratio - 1) / ratio
        // Outputs wait for at most `reach` samples, which are as many places as `history`.
        rowLength = 2 * history + longestPiece / ratio + 2 + DividerKernel.group
        self.taps = .allocate(capacity: taps.count)
        _ = self.taps.initialize(from: taps)
        places = .allocate(capacity: taps.count)
        for tap in taps.indices {
            let before = (ratio - tap % ratio) % ratio * rowLength - (tap + ratio - 1) / ratio
            let after = tap % ratio * rowLength + tap / ratio
            let size = MemoryLayout<Float>.stride
            places.initializeElement(at: tap, to: (before * size, after * size))
        }
        storage = .allocate(capacity: channels * ratio * rowLength)
        storage.initialize(repeating: 0, count: channels * ratio * rowLength)
        stored = history * ratio
    }

    deinit {
        taps.deallocate()
        places.deallocate()
        storage.deallocate()
    }

    /// Frames that come out of `count` at most.
    func most(_ count: Int) -> Int { count / ratio + history + 1 }

    /// Takes `count` frames from `offset` on and writes what can be said of them to `targets`; frames written.
    func divide(
        _ planes: [UnsafePointer<Float>], offset: Int, count: Int, into targets: UnsafeMutablePointer<Float>,
        stride: Int
    ) -> Int {
        precondition(count <= longestPiece && planes.count >= channels)
        for channel in 0..<channels { store(planes[channel] + offset, count, channel) }
        stored += count
        taken += count
        let reach = taps.count - 1
        return give(until: taken > reach ? (taken - 1 - reach) / ratio + 1 : 0, targets, stride)
    }

    /// Writes what is left, as if silence followed; frames written.
    ///
    /// The last call.
    func finish(into targets: UnsafeMutablePointer<Float>, stride: Int) -> Int {
        let last = (taken + ratio - 1) / ratio
        var made = 0
        while given < last {
            // One place of every row at a time: silence that fills up what an output needs.
            let silence = min(longestPiece, taps.count)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: silence) { zeros in
                zeros.initialize(repeating: 0)
                guard let base = zeros.baseAddress else { return }
                for channel in 0..<channels { store(UnsafePointer(base), silence, channel) }
            }
            stored += silence
            taken += silence
            let ready = min(last, taken > taps.count - 1 ? (taken - taps.count) / ratio + 1 : 0)
            made += give(until: ready, targets + made, stride)
        }
        return made
    }

    private func row(_ channel: Int, _ phase: Int) -> UnsafeMutablePointer<Float> {
        storage + (channel * ratio + phase) * rowLength
    }

    /// Sorts samples into the rows of a channel.
    private func store(_ samples: UnsafePointer<Float>, _ count: Int, _ channel: Int) {
        let ratio = ratio
        for first in 0..<min(ratio, count) {
            let place = stored + first
            let target = row(channel, place % ratio) + place / ratio
            let rowCount = (count - first + ratio - 1) / ratio
            Kernels.gather(samples + first, step: ratio, into: target, count: rowCount)
        }
    }

    /// Writes outputs up to, and without, number `end`; how many.
    private func give(until end: Int, _ targets: UnsafeMutablePointer<Float>, _ stride: Int) -> Int {
        let count = end - given
        guard count > 0 else { return 0 }
        for channel in 0..<channels {
            filter(UnsafePointer(row(channel, 0)) + history, count, targets + channel * stride)
        }
        given = end
        // What later outputs need moves to the rows' beginning.
        let rest = (stored + ratio - 1) / ratio - count
        for phase in 0..<channels * ratio {
            let row = storage + phase * rowLength
            row.update(from: row + count, count: rest)
        }
        stored -= count * ratio
        return count
    }

    private func filter(_ middle: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
        guard let taps = taps.baseAddress, let places = places.baseAddress else { return }
        Kernels.filter(
            middle, taps: taps, places: places, tapCount: self.taps.count, into: target, count: count)
    }
}
