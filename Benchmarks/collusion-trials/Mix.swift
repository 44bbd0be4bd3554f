import EarmarkMark
import Foundation

/// Kinds of recordings that carry the marks of several clients.
enum Kind: String, CaseIterable {
    case average2, average3, average5, room
    /// One copy, out of which a ticket holder took the pilot, or pilot and timeline.
    case pilotRemoved, sharedRemoved

    var clients: Int {
        switch self {
        case .pilotRemoved, .sharedRemoved: 1
        case .average2, .room: 2
        case .average3: 3
        case .average5: 5
        }
    }
}

extension Kind {
    /// Whether somebody took out what all clients share.
    var isRemoval: Bool { self == .pilotRemoved || self == .sharedRemoved }
}

/// Something that went wrong, in words.
struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// Draws numbers, the same for the same state.
struct Draw {
    private var generator: SplitMix64

    init(state: UInt64) { generator = SplitMix64(state: state) }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(generator.next() >> 11) / Double(1 << 53)
    }

    mutating func gaussian() -> Double {
        (-2 * log(uniform(1e-12...1))).squareRoot() * cos(2 * .pi * uniform(0...1))
    }

    mutating func seed() throws -> Seed {
        let bytes = (0..<Seed.byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 24) }
        guard let seed = Seed(bytes: bytes) else { throw Failure(description: "a seed has \(Seed.byteCount) bytes") }
        return seed
    }
}

/// Marks copies of a recording and joins them by ffmpeg into a screen capture (AAC, 96 kbit/s) or what a phone in the
/// room records (64 kbit/s).
struct Mixer {
    static let rate = 16_000
    /// Seconds of the recording that are used: a little more than the shortest that is analysed.
    static let seconds = 110

    let folder: URL
    let shared: SharedSeeds

    /// The first samples of a recording, mono.
    func clean(_ path: String) throws -> [Float] {
        let target = folder.appendingPathComponent("clean")
        try ffmpeg(
            [
                "-i", path, "-vn", "-t", "\(Mixer.seconds)", "-ac", "1", "-ar", "\(Mixer.rate)", "-f", "f32le",
                target.path,
            ])
        let samples = try Data(contentsOf: target).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        guard samples.count > 100 * Mixer.rate else { throw Failure(description: "'\(path)' is shorter than 100 s") }
        return samples
    }

    /// Copies that are averaged to find what their marks share: what is left of their own is at -18 dB.
    private static let averaged = 64

    /// The copy of a client without the pilot, or without pilot and timeline: their part is what many copies, whose
    /// other signs differ, have in common beside the clean audio.
    private func removed(_ kind: Kind, _ clean: [Float], client: Seed, at start: Double, _ draw: inout Draw) throws
        -> String
    {
        var copy = try marked(clean, MarkSeeds(shared: shared, identity: client, tag: client), at: start)
        for _ in 0..<Mixer.averaged {
            let timeline = kind == .pilotRemoved ? try draw.seed() : shared.timeline
            let seeds = MarkSeeds(
                shared: SharedSeeds(pilot: shared.pilot, timeline: timeline), identity: try draw.seed(),
                tag: try draw.seed())
            let other = try marked(clean, seeds, at: start)
            for index in copy.indices { copy[index] -= (other[index] - clean[index]) / Float(Mixer.averaged) }
        }
        let source = folder.appendingPathComponent("copy").path
        try write(copy, to: source)
        let target = folder.appendingPathComponent("mix.m4a").path
        let raw = ["-f", "f32le", "-ar", "\(Mixer.rate)", "-ac", "1", "-i", source]
        try ffmpeg(raw + ["-c:a", "aac", "-b:a", "64k", target])
        return target
    }

    /// A recording of `kind` with the marks of `clients`.
    func mix(_ kind: Kind, _ clean: [Float], clients: [Seed], _ draw: inout Draw) throws -> String {
        let start = draw.uniform(0...9_000)
        if kind.isRemoval, let client = clients.first {
            return try removed(kind, clean, client: client, at: start, &draw)
        }
        var inputs: [String] = []
        var graph = ""
        for (index, client) in clients.enumerated() {
            // Clients hear the meeting at different times, and mark by the meeting's clock.
            let late = draw.uniform(0...(kind == .room ? 0.4 : 2))
            let clock = kind == .room ? draw.uniform(-0.015...0.015) : 0
            let path = folder.appendingPathComponent("copy\(index)").path
            try mark(clean, client, at: start + late + clock, to: path)
            inputs += ["-f", "f32le", "-ar", "\(Mixer.rate)", "-ac", "1", "-i", path]
            guard kind == .room else {
                graph += "[\(index):a]anull[c\(index)];"
                continue
            }
            let room = folder.appendingPathComponent("room\(index)").path
            try write(response(&draw), to: room)
            let softer = index == 0 ? 0 : draw.uniform(0...12)
            graph +=
                "[\(index):a]highpass=f=180,volume=\(-softer)dB,adelay=\(Int(1000 * late))[p\(index)];"
                + "[p\(index)][\(clients.count + index):a]afir=gtype=none:maxir=2[c\(index)];"
        }
        if kind == .room {
            for index in clients.indices {
                let room = folder.appendingPathComponent("room\(index)").path
                inputs += ["-f", "f32le", "-ar", "\(Mixer.rate)", "-ac", "1", "-i", room]
            }
        }
        graph += clients.indices.map { "[c\($0)]" }.joined() + "amix=inputs=\(clients.count):duration=first:normalize=1"
        let target = folder.appendingPathComponent("mix.m4a").path
        try ffmpeg(
            inputs + ["-filter_complex", graph, "-c:a", "aac", "-b:a", kind == .room ? "64k" : "96k", target])
        return target
    }

    private func mark(_ clean: [Float], _ client: Seed, at seconds: Double, to path: String) throws {
        try write(try marked(clean, MarkSeeds(shared: shared, identity: client, tag: client), at: seconds), to: path)
    }

    private func marked(_ clean: [Float], _ seeds: MarkSeeds, at seconds: Double) throws -> [Float] {
        guard var embedder = Embedder(seeds: seeds, parameters: .init(sampleRate: Double(Mixer.rate), channels: 1))
        else {
            throw Failure(description: "\(Mixer.rate) Hz cannot be marked")
        }
        embedder.setTime(seconds)
        var copy = clean
        copy.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: $0.count) }
        return copy
    }

    /// An impulse response: direct sound and an exponential tail (0.4 s).
    private func response(_ draw: inout Draw) -> [Float] {
        let count = Mixer.rate * 45 / 100
        return (0..<count).map { index in
            if index == 0 { return 0.5 }
            guard index > Mixer.rate / 200 else { return 0 }
            let decay = exp(-6.9 * Double(index) / (0.4 * Double(Mixer.rate)))
            return Float(0.5 * 0.06 * decay * draw.gaussian())
        }
    }

    private func write(_ samples: [Float], to path: String) throws {
        let data = samples.withUnsafeBytes { Data($0) }
        try data.write(to: URL(fileURLWithPath: path))
    }

    private func ffmpeg(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "ffmpeg \(arguments.joined(separator: " ")) fails")
        }
    }
}
