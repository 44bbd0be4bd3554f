internal import EarmarkMark
internal import EarmarkMedia

/// One block of interleaved samples on its way through the embedder.
struct BlockBuffers {
    private var integers: [Int32]
    private var doubles: [Double]
    private var floats: [Float]

    /// Marks smaller than this share of a step leave a sample as it is: rounding would, and dither would only add noise.
    private static let leastMark = 0.125

    /// Full scale of a left-justified integer is 2^31; a power of two, so that nothing is rounded.
    private static let unit: Float = 1 / 2_147_483_648

    /// `capacity` in samples, all channels together.
    init(capacity: Int) {
        integers = .init(repeating: 0, count: capacity)
        doubles = .init(repeating: 0, count: capacity)
        floats = .init(repeating: 0, count: capacity)
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

    /// Runs the embedder; afterwards `floats` holds marked samples.
    mutating func mark(_ embedder: inout Embedder, frames: Int) {
        floats.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: frames) }
    }

    mutating func write(
        _ writer: PCMWriter, _ route: SampleRoute, _ count: Int, _ dither: inout Dither
    ) throws(MediaError) {
        switch route {
        case .integer(let bits):
            BlockBuffers.addMarks(&integers, floats, count, bits: bits, &dither)
            try BlockBuffers.send(integers, count) { (buffer) throws(MediaError) in try writer.writeIntegers(buffer) }
        case .quantise(let bits):
            for index in 0..<count { integers[index] = quantise(index, bits: bits, &dither) }
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

    /// Adds to each integer sample its rounded mark.
    ///
    /// Arrays are parameters: as fields each access would be checked anew.
    private static func addMarks(
        _ integers: inout [Int32], _ floats: [Float], _ count: Int, bits: Int, _ dither: inout Dither
    ) {
        let stepsPerUnit = Double(Int64(1) << (bits - 1))
        let shift = Int64(32 - bits)
        // Full scale may only be met by samples that were there already.
        let top = Int64(Int32.max) & -(Int64(1) << shift)
        let isDithered = bits <= Dither.widestDithered
        var noise = dither
        for index in 0..<count {
            let sample = integers[index]
            let mark = (Double(floats[index]) - Double(Float(sample) * unit)) * stepsPerUnit
            guard abs(mark) >= leastMark else { continue }
            let dithered = mark + (isDithered ? noise.next() : 0)
            // By truncation: rounding to nearest is a call into the C library, and this runs for every sample.
            let steps = Int64(dithered + (dithered < 0 ? -0.5 : 0.5))
            integers[index] = Int32(min(max(Int64(sample) + steps << shift, Int64(Int32.min)), top))
        }
        dither = noise
    }

    /// A float sample rounded to `bits` bits; exact zeros stay zero.
    private func quantise(_ index: Int, bits: Int, _ dither: inout Dither) -> Int32 {
        let value = doubles[index] + (Double(floats[index]) - Double(Float(doubles[index])))
        guard value != 0, value.isFinite else { return 0 }
        let scale = Double(Int64(1) << (bits - 1))
        let rounded = (value * scale + (bits <= Dither.widestDithered ? dither.next() : 0)).rounded()
        let limited = min(max(rounded, -scale), scale - 1)
        return Int32(Int64(limited) << Int64(32 - bits))
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
