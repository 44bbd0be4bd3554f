import Benchmark
import EarmarkMark

/// A stream that is marked, ten seconds in blocks of 10 ms.
private struct Stream {
    let rate: Int
    let channels: Int
    let sameChannels: Bool

    var name: String { "\(rate) Hz, \(channels) channel(s)\(sameChannels ? ", the same" : "")" }

    /// Marks the stream `times` times over.
    func run(_ times: Int, _ start: () -> Void) {
        guard
            var embedder = Embedder(
                seeds: Stream.seeds, parameters: .init(sampleRate: Double(rate), channels: channels))
        else { return }
        let host = host()
        let block = rate / 100
        var buffer = host
        start()
        for _ in 0..<times {
            buffer.withUnsafeMutableBufferPointer { samples in
                for index in samples.indices { samples[index] = host[index] }
                for done in stride(from: 0, to: samples.count, by: block * channels) {
                    embedder.process(
                        interleaved: .init(rebasing: samples[done..<done + block * channels]), frames: block)
                }
            }
        }
        blackHole(buffer)
    }

    private func host() -> [Float] {
        var generator = SplitMix64(state: 7)
        var host = (0..<10 * rate * channels).map { _ in
            Float(Int32(truncatingIfNeeded: generator.next())) * 1e-10
        }
        if sameChannels { for index in host.indices { host[index] = host[index - index % channels] } }
        return host
    }

    private static let seeds: MarkSeeds = {
        func seed(_ number: UInt8) -> Seed {
            guard let seed = Seed(bytes: .init(repeating: number, count: Seed.byteCount)) else { fatalError("a seed") }
            return seed
        }
        return MarkSeeds(shared: SharedSeeds(pilot: seed(1), timeline: seed(2)), identity: seed(3), tag: seed(4))
    }()
}

let benchmarks: @Sendable () -> Void = {
    let streams = [
        Stream(rate: 48_000, channels: 1, sameChannels: false), Stream(rate: 48_000, channels: 2, sameChannels: false),
        Stream(rate: 48_000, channels: 2, sameChannels: true), Stream(rate: 16_000, channels: 1, sameChannels: false),
    ]
    for stream in streams {
        Benchmark(
            stream.name,
            configuration: .init(metrics: [.wallClock, .instructions], maxDuration: .seconds(5))
        ) { benchmark in
            stream.run(benchmark.scaledIterations.count) { benchmark.startMeasurement() }
            benchmark.stopMeasurement()
        }
    }
}
