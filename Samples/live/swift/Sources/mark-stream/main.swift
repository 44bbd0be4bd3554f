// Marks 48 kHz mono floats from standard input to standard output, in blocks of 10 ms, from second 754.25 of the
// meeting.
//
//     swift run -c release mark-stream ada.ticket < in.f32 > out.f32

import EarmarkLive
import EarmarkMark
import Foundation

func report(_ message: String) { FileHandle.standardError.write(Data("mark-stream: \(message)\n".utf8)) }

guard CommandLine.arguments.count == 2 else {
    report("usage: mark-stream TICKET")
    exit(64)
}

func makeEmbedder() -> LiveEmbedder {
    do throws(LiveError) {
        return try LiveEmbedder(
            ticket: Ticket(contentsOfFile: CommandLine.arguments[1]),
            parameters: .init(sampleRate: 48_000, channels: 1),
            position: .meeting(754.25))
    } catch {
        report("\(error.message)")
        exit(65)
    }
}

var embedder = makeEmbedder()
let blockBytes = 480 * MemoryLayout<Float>.size
while let block = try FileHandle.standardInput.read(upToCount: blockBytes), !block.isEmpty {
    var samples = block.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    samples.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: $0.count) }
    try FileHandle.standardOutput.write(contentsOf: samples.withUnsafeBytes { Data($0) })
}
report("\(Double(embedder.counters.framesMarked) / 48_000) s marked")
