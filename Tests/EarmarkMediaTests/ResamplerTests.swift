import EarmarkMedia
import Foundation
import Testing

/// Response of the decoder's rate conversion, measured with steady tones.
@Suite struct ResamplerTests {
    /// Level of a full-scale tone after conversion to 16 kHz, in decibels, for each frequency.
    private func levels(_ frequencies: [Double], from rate: Int) throws -> [Double] {
        let folder = try TemporaryFolder()
        let path = folder.file("tones.wav")
        // Each tone lasts a quarter of a second; its middle is measured.
        let length = rate / 4
        var samples: [Float] = []
        for frequency in frequencies {
            let step = 2 * Double.pi * frequency / Double(rate)
            samples += (0..<length).map { Float(sin(step * Double($0))) }
        }
        let format = PCMFormat(container: .wav, kind: .float32, sampleRate: rate, channels: 1, frames: nil)
        let writer = try PCMWriter(path: path, format: format)
        try samples.withUnsafeBufferPointer { try writer.writeFloats($0) }
        try writer.finish()
        let (_, channels) = try decode(path, sampleRate: 16_000)
        return frequencies.indices.map { index in
            let start = index * 4_000 + 1_000
            return 20 * log10(max(1e-9, rms(channels[0][start..<start + 2_000]) * 2.0.squareRoot()))
        }
    }

    @Test(arguments: [44_100, 48_000, 96_000]) func aliasesIntoTheBandStayBelow60Decibels(rate: Int) throws {
        // A tone at f arrives at 16 kHz - f: those from 8.75 kHz on fall below 7.25 kHz.
        let frequencies = Array(stride(from: 8_750.0, to: Double(rate) / 2, by: 125))
        let worst = try #require(levels(frequencies, from: rate).max())
        #expect(worst < -60)
    }

    @Test(arguments: [22_050, 32_000, 44_100, 48_000]) func bandOfInterestKeepsItsLevel(rate: Int) throws {
        let levels = try levels([48, 200, 1_000, 3_000, 5_000, 6_500, 7_000, 7_250], from: rate)
        for level in levels.dropLast(2) { #expect(abs(level) < 0.05) }
        for level in levels.suffix(2) { #expect(level > -1 && level < 0.05) }
    }
}
