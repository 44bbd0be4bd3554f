// Marks noise that pauses now and then, as talk does, and prints what a second of it costs.
//
//     embedder-cost RATE CHANNELS SECONDS [BLOCK] [same]
//
// BLOCK is the number of frames in a call (default: 10 ms); with `same` all channels hold the same samples. Prints the
// CPU time in seconds, the multiple of real time and a checksum of the marked samples, which must be the same on every
// machine.

import EarmarkMark
import Glibc

func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

let arguments = CommandLine.arguments.dropFirst().compactMap { Double($0) }
guard arguments.count >= 3 else {
    print("usage: embedder-cost RATE CHANNELS SECONDS [BLOCK] [same]")
    exit(64)
}
let rate = arguments[0]
let channels = Int(arguments[1])
let frames = Int(rate * arguments[2])
let block = arguments.count > 3 ? Int(arguments[3]) : Int(rate / 100)

var generator = SplitMix64(state: 7)
// Ten seconds, played over and over: four of sound, one of a faint hiss.
let period = Int(rate) * 10
var host = (0..<period * channels).map { index -> Float in
    let isPause = index / channels % (5 * Int(rate)) > 4 * Int(rate)
    return Float(Int32(truncatingIfNeeded: generator.next())) * (isPause ? 1e-14 : 1e-10)
}
if CommandLine.arguments.contains("same") {
    for index in host.indices { host[index] = host[index - index % channels] }
}
func seed(_ number: UInt64) -> Seed {
    var generator = SplitMix64(state: number)
    let bytes = (0..<Seed.byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    guard let seed = Seed(bytes: bytes) else { exit(70) }
    return seed
}
let seeds = MarkSeeds(shared: SharedSeeds(pilot: seed(1), timeline: seed(2)), identity: seed(3), tag: seed(4))
guard var embedder = Embedder(seeds: seeds, parameters: .init(sampleRate: rate, channels: channels)) else {
    print("embedder-cost: error: 8,000-192,000 Hz and 1-8 channels can be marked")
    exit(65)
}
var buffer = [Float](repeating: 0, count: block * channels)
var checksum: UInt32 = 0
var done = 0
let before = cpuSeconds()
while done < frames {
    let count = min(block, frames - done, period - done % period)
    let start = done % period * channels
    buffer.withUnsafeMutableBufferPointer { target in
        for index in 0..<count * channels { target[index] = host[start + index] }
        embedder.process(interleaved: target, frames: count)
    }
    // One sample of each block, so that the sum costs nothing.
    checksum = checksum &* 31 &+ buffer[count * channels - 1].bitPattern
    done += count
}
let spent = cpuSeconds() - before
func text(_ value: Double, digits: Int) -> String {
    let scale = pow(10, Double(digits))
    return String((value * scale).rounded() / scale)
}
let heard = arguments[2]
print("\(text(spent, digits: 3)) s, \(Int(heard / spent)) x real time, checksum \(String(checksum, radix: 16))")
