internal import EarmarkMark
internal import EarmarkMedia

/// One block of interleaved samples on its way through the embedder.
struct BlockBuffers {
    /// Frames that were read; 0 at the end.
    private(set) var frames = 0
    private let channels: Int
    private var integers: [Int32]
    private var doubles: [Double]
    private var floats: [Float]
    private var unmarked: [Float]

    /// `capacity` in frames.
    init(capacity: Int, channels: Int) {
        self.channels = channels
        integers = .init(repeating: 0, count: capacity * channels)
        doubles = .init(repeating: 0, count: capacity * channels)
        floats = .init(repeating: 0, count: capacity * channels)
        unmarked = floats
    }

    private var count: Int { frames * channels }

    /// Reads a block.
    mutating func read(_ source: any PCMSource, _ route: SampleRoute) throws(MediaError) {
        if case .integer = route {
            frames = try BlockBuffers.fill(&integers) { (buffer) throws(MediaError) in
                try source.readIntegers(into: buffer)
            }
            BlockBuffers.convert(integers, &unmarked, count) { Float($0) * MarkRounding.unit }
        } else {
            frames = try BlockBuffers.fill(&doubles) { (buffer) throws(MediaError) in
                try source.readDoubles(into: buffer)
            }
            BlockBuffers.convert(doubles, &unmarked, count) { Float($0) }
        }
        BlockBuffers.convert(unmarked, &floats, count) { $0 }
    }

    /// Runs the embedder; afterwards `floats` holds marked samples.
    mutating func mark(_ embedder: inout Embedder) {
        floats.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: frames) }
    }

    /// Tells how much of the block carries the mark.
    func cover(_ coverage: inout MarkCoverage) {
        unmarked.withUnsafeBufferPointer { before in
            floats.withUnsafeBufferPointer { after in
                coverage.add(before: .init(rebasing: before[..<count]), after: .init(rebasing: after[..<count]))
            }
        }
    }

    mutating func write(
        _ writer: PCMWriter, _ route: SampleRoute, _ rounding: inout MarkRounding
    ) throws(MediaError) {
        switch route {
        case .integer:
            rounding.add(floats, to: &integers, count: count)
            try BlockBuffers.send(integers, count) { (buffer) throws(MediaError) in try writer.writeIntegers(buffer) }
        case .quantise:
            rounding.quantise(doubles, marked: floats, into: &integers, count: count)
            try BlockBuffers.send(integers, count) { (buffer) throws(MediaError) in try writer.writeIntegers(buffer) }
        case .float:
            addInDoublePrecision()
            if writer.format.kind == .float32 {
                BlockBuffers.convert(doubles, &floats, count) { Float($0) }
                try BlockBuffers.send(floats, count) { (buffer) throws(MediaError) in try writer.writeFloats(buffer) }
            } else {
                try BlockBuffers.send(doubles, count) { (buffer) throws(MediaError) in try writer.writeDoubles(buffer) }
            }
        }
    }

    /// Adds the mark to samples that carry one, so that the others keep their bits.
    private mutating func addInDoublePrecision() {
        let count = count
        doubles.withUnsafeMutableBufferPointer { doubles in
            floats.withUnsafeBufferPointer { floats in
                for index in 0..<count where Float(doubles[index]) != floats[index] && floats[index].isFinite {
                    doubles[index] += Double(floats[index]) - Double(Float(doubles[index]))
                }
            }
        }
    }

    /// By pointers: arrays that are properties are checked at every access, which is most of the work here.
    @inline(__always)
    private static func convert<From, To>(_ from: [From], _ to: inout [To], _ count: Int, _ value: (From) -> To) {
        to.withUnsafeMutableBufferPointer { to in
            from.withUnsafeBufferPointer { from in
                for index in 0..<min(count, from.count, to.count) { to[index] = value(from[index]) }
            }
        }
    }

    private static func fill<Element>(
        _ array: inout [Element], _ body: (UnsafeMutableBufferPointer<Element>) throws(MediaError) -> Int
    ) throws(MediaError) -> Int {
        var outcome: Result<Int, MediaError> = .success(0)
        array.withUnsafeMutableBufferPointer { buffer in
            do throws(MediaError) { outcome = .success(try body(buffer)) } catch { outcome = .failure(error) }
        }
        return try outcome.get()
    }

    private static func send<Element>(
        _ array: [Element], _ count: Int, _ body: (UnsafeBufferPointer<Element>) throws(MediaError) -> Void
    ) throws(MediaError) {
        var failure: MediaError?
        array.withUnsafeBufferPointer { buffer in
            do throws(MediaError) { try body(UnsafeBufferPointer(rebasing: buffer[..<count])) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
