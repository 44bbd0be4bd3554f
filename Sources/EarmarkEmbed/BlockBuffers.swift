internal import EarmarkMark
internal import EarmarkMedia

/// One block of interleaved samples on its way through the embedder.
struct BlockBuffers {
    private var integers: [Int32]
    private var doubles: [Double]
    private var floats: [Float]
    private var unmarked: [Float]

    /// Full scale of a left-justified integer is 2^31; a power of two, so that nothing is rounded.
    private static let unit: Float = 1 / 2_147_483_648

    /// `capacity` in samples, all channels together.
    init(capacity: Int) {
        integers = .init(repeating: 0, count: capacity)
        doubles = .init(repeating: 0, count: capacity)
        floats = .init(repeating: 0, count: capacity)
        unmarked = floats
    }

    /// Reads a block and returns its frames; 0 at the end.
    mutating func read(_ source: any PCMSource, _ route: SampleRoute) throws(MediaError) -> Int {
        let channels = source.format.channels
        let frames: Int
        if case .integer = route {
            frames = try BlockBuffers.fill(&integers) { (buffer) throws(MediaError) in
                try source.readIntegers(into: buffer)
            }
            BlockBuffers.convert(integers, frames * channels, &floats)
        } else {
            frames = try BlockBuffers.fill(&doubles) { (buffer) throws(MediaError) in
                try source.readDoubles(into: buffer)
            }
            for index in 0..<frames * channels { floats[index] = Float(doubles[index]) }
        }
        return frames
    }

    /// Runs the embedder; afterwards `floats` holds marked samples, `count` of them.
    mutating func mark(_ embedder: inout Embedder, frames: Int, count: Int, _ coverage: inout MarkCoverage) {
        for index in 0..<count { unmarked[index] = floats[index] }
        floats.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: frames) }
        unmarked.withUnsafeBufferPointer { before in
            floats.withUnsafeBufferPointer { after in
                coverage.add(before: .init(rebasing: before[..<count]), after: .init(rebasing: after[..<count]))
            }
        }
    }

    mutating func write(
        _ writer: PCMWriter, _ route: SampleRoute, _ count: Int, _ rounding: inout MarkRounding
    ) throws(MediaError) {
        switch route {
        case .integer:
            rounding.add(floats, to: &integers, count: count)
            try BlockBuffers.send(integers, count) { (buffer) throws(MediaError) in try writer.writeIntegers(buffer) }
        case .quantise:
            rounding.quantise(doubles, marked: floats, into: &integers, count: count)
            try BlockBuffers.send(integers, count) { (buffer) throws(MediaError) in try writer.writeIntegers(buffer) }
        case .float:
            for index in 0..<count where Float(doubles[index]) != floats[index] && floats[index].isFinite {
                doubles[index] += Double(floats[index]) - Double(Float(doubles[index]))
            }
            if writer.format.kind == .float32 {
                for index in 0..<count { floats[index] = Float(doubles[index]) }
                try BlockBuffers.send(floats, count) { (buffer) throws(MediaError) in try writer.writeFloats(buffer) }
            } else {
                try BlockBuffers.send(doubles, count) { (buffer) throws(MediaError) in try writer.writeDoubles(buffer) }
            }
        }
    }

    private static func convert(_ integers: [Int32], _ count: Int, _ floats: inout [Float]) {
        for index in 0..<count { floats[index] = Float(integers[index]) * unit }
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
