import EarmarkMedia
import Foundation
import Testing

@Suite struct PCMWriterTests {
    private func format(
        _ kind: SampleKind = .integer(bits: 16), rate: Int = 48_000, channels: Int = 1, frames: Int64? = 100
    )
        -> PCMFormat
    {
        PCMFormat(container: nil, kind: kind, sampleRate: rate, channels: channels, frames: frames)
    }

    private func entries(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    /// Where the file system has files without names, and where it has not.
    @Test(arguments: [false, true]) func nothingStandsAtThePathBeforeFinish(isNamed: Bool) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1, 2, 3], as: "a.wav")
        do {
            let writer = try PCMWriter(path: path, format: format(), metadata: PCMMetadata(), isNamed: isNamed)
            try [Int32](repeating: 0, count: 100).withUnsafeBufferPointer { try writer.writeIntegers($0) }
            #expect(try bytes(of: path) == [1, 2, 3])
            #expect(try entries(folder).count == (isNamed ? 2 : 1))
        }
        #expect(try entries(folder) == ["a.wav"])
        #expect(try bytes(of: path) == [1, 2, 3])
    }

    @Test(arguments: [false, true]) func finishReplacesAndLeavesNoOtherFile(isNamed: Bool) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1, 2, 3], as: "a.wav")
        let writer = try PCMWriter(path: path, format: format(), metadata: PCMMetadata(), isNamed: isNamed)
        try [Int32](repeating: 0, count: 100).withUnsafeBufferPointer { try writer.writeIntegers($0) }
        try writer.finish()
        #expect(try entries(folder) == ["a.wav"])
        #expect(try PCMReader(path: path).format.frames == 100)
        #expect(failureCode { try writer.finish() } == .writeFailed)
        let late = [Int32](repeating: 0, count: 1)
        #expect(failureCode { try late.withUnsafeBufferPointer { try writer.writeIntegers($0) } } == .writeFailed)
    }

    @Test func aFileMayReplaceTheOneItIsReadFrom() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(), to: "a.wav")
        let reader = try PCMReader(path: path)
        let writer = try PCMWriter(path: path, format: reader.format, metadata: reader.metadata)
        var buffer = [Int32](repeating: 0, count: 200_000)
        let frames = try buffer.withUnsafeMutableBufferPointer { try reader.readIntegers(into: $0) }
        try buffer.prefix(frames).withUnsafeBufferPointer { try writer.writeIntegers($0) }
        try writer.finish()
        #expect(try PCMReader(path: path).format.frames == 144_000)
    }

    @Test func sameInputSameBytes() throws {
        let folder = try TemporaryFolder()
        for name in ["wav", "flac", "caf", "aiff", "w64", "rf64"] {
            let kind: SampleKind = name == "flac" ? .integer(bits: 24) : .float32
            var files: [[UInt8]] = []
            for pass in 0..<2 {
                let path = folder.file("\(pass).\(name)")
                let writer = try PCMWriter(path: path, format: format(kind))
                if kind.isInteger {
                    try (0..<100).map { Int32($0) << 20 }.withUnsafeBufferPointer { try writer.writeIntegers($0) }
                } else {
                    try (0..<100).map { Float($0) / 100 }.withUnsafeBufferPointer { try writer.writeFloats($0) }
                }
                try writer.finish()
                files.append(try bytes(of: path))
                // A second boundary between the two would show a time stamp.
                if pass == 0 && name == "wav" { Thread.sleep(forTimeInterval: 1.1) }
            }
            expectSame(files[0], files[1])
        }
    }

    @Test func whatAContainerCannotHoldIsRefused() throws {
        let folder = try TemporaryFolder()
        for kind in [SampleKind.float32, .float64, .integer(bits: 32)] {
            let error = try #require(failure { _ = try PCMWriter(path: folder.file("a.flac"), format: format(kind)) })
            #expect(error.code == .unsupportedSampleFormat)
            #expect(error.message.contains("24-bit"))
            #expect(PCMContainer.flac.nearest(to: kind) == .integer(bits: 24))
        }
        let strange = failureCode { _ = try PCMWriter(path: folder.file("a.wav"), format: format(.integer(bits: 12))) }
        #expect(strange == .unsupportedSampleFormat)
        for name in ["a.mp3", "a", ".wav", "a.wav.txt", ""] {
            let code = failureCode { _ = try PCMWriter(path: folder.file(name), format: format()) }
            #expect(code == .unsupportedType, "\(name)")
        }
        #expect(try entries(folder).isEmpty)
    }

    @Test func ratesAndChannelsAtAndPastTheLimits() throws {
        let folder = try TemporaryFolder()
        for (rate, channels) in [(8_000, 1), (192_000, 8)] {
            let writer = try PCMWriter(path: folder.file("a.wav"), format: format(rate: rate, channels: channels))
            try writer.finish()
            #expect(try PCMReader(path: folder.file("a.wav")).format.sampleRate == rate)
            #expect(try PCMReader(path: folder.file("a.wav")).format.channels == channels)
        }
        for (rate, channels) in [(7_999, 1), (192_001, 1), (48_000, 0), (48_000, 9), (-1, 1), (0, 1)] {
            let code = failureCode {
                _ = try PCMWriter(path: folder.file("b.wav"), format: format(rate: rate, channels: channels))
            }
            #expect(code == .outOfRange)
        }
        for options in [Source.tone(rate: 7_999), Source.tone(rate: 192_001), Source.tone() + " -ac 16"] {
            let path = try folder.ffmpeg(options + " -c:a pcm_s16le", to: "c.wav")
            #expect(failureCode { _ = try PCMReader(path: path) } == .outOfRange)
            #expect(failureCode { _ = try PCMInput.open(path: path) } == .outOfRange)
        }
    }

    @Test func wrongKindOfSamplesIsRefused() throws {
        let folder = try TemporaryFolder()
        let integers = try PCMWriter(path: folder.file("i.wav"), format: format())
        let floats = try PCMWriter(path: folder.file("f.wav"), format: format(.float32))
        let code = MediaError.Code.unsupportedSampleFormat
        #expect(failureCode { try [Float(0)].withUnsafeBufferPointer { try integers.writeFloats($0) } } == code)
        #expect(failureCode { try [Double(0)].withUnsafeBufferPointer { try floats.writeDoubles($0) } } == code)
        #expect(failureCode { try [Int32(0)].withUnsafeBufferPointer { try floats.writeIntegers($0) } } == code)
        let stereo = try PCMWriter(path: folder.file("s.wav"), format: format(channels: 2))
        #expect(failureCode { try [Int32(0)].withUnsafeBufferPointer { try stereo.writeIntegers($0) } } == .outOfRange)
    }

    @Test func unwritableFolderIsTold() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("missing/a.wav")
        #expect(failureCode { _ = try PCMWriter(path: path, format: format()) } == .writeFailed)
    }

    /// Length decides the layout: a short file stays RIFF, one of unknown length too once it proves short.
    @Test func shortFilesStayRIFF() throws {
        let folder = try TemporaryFolder()
        for frames in [Int64(100), nil] {
            let writer = try PCMWriter(path: folder.file("a.wav"), format: format(frames: frames))
            try (0..<100).map { Int32($0) << 16 }.withUnsafeBufferPointer { try writer.writeIntegers($0) }
            try writer.finish()
            #expect(try bytes(of: folder.file("a.wav")).starts(with: Array("RIFF".utf8)))
            let reader = try PCMReader(path: folder.file("a.wav"))
            #expect(reader.format.container == .wav)
            #expect(reader.format.frames == 100)
        }
    }

    /// More than 4 GiB, of which all but two frames are a hole made behind the writer's back.
    @Test func longFilesBecomeRF64() throws {
        let folder = try TemporaryFolder()
        let frameBytes = 8 * 8
        let frames: Int64 = (4 << 30) / Int64(frameBytes)
        for expected in [frames + 2, nil] {
            let writer = try PCMWriter(
                path: folder.file("a.wav"), format: format(.float64, channels: 8, frames: expected),
                metadata: PCMMetadata(), isNamed: true)
            let one = (1...8).map { Double($0) / 8 }
            try one.withUnsafeBufferPointer { try writer.writeDoubles($0) }
            let descriptor = try #require(openDescriptor(inside: folder))
            try #require(lseek(descriptor, off_t(frames * Int64(frameBytes)), SEEK_CUR) > 4 << 30)
            try one.withUnsafeBufferPointer { try writer.writeDoubles($0) }
            try writer.finish()
            // Only the header is looked at: reading on would walk through the hole.
            let handle = try #require(FileHandle(forReadingAtPath: folder.file("a.wav")))
            let header = [UInt8](try handle.read(upToCount: 28) ?? Data())
            let size = try handle.seekToEnd()
            try handle.close()
            #expect(header.prefix(4).elementsEqual("RF64".utf8))
            #expect(header[12..<16].elementsEqual("ds64".utf8))
            #expect(header[20..<28].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == size - 8)
        }
    }

    /// The descriptor of the unfinished file in `folder`, as Linux lists it.
    private func openDescriptor(inside folder: TemporaryFolder) -> Int32? {
        let list = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let own = list.first { number in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + number)
            return target?.hasPrefix(folder.path + "/") == true && target?.hasSuffix(".part") == true
        }
        return own.flatMap { Int32($0) }
    }

    /// Types whose sizes have 32 bits and no larger sister end before they overflow.
    @Test func aiffRefusesToPass4GiB() throws {
        let folder = try TemporaryFolder()
        let writer = try PCMWriter(path: folder.file("a.aiff"), format: format(.float64, channels: 8, frames: nil))
        // The address space is enough: nothing is read before the refusal.
        let count = (4 << 30) / 8
        let huge = UnsafeMutableBufferPointer<Double>.allocate(capacity: count)
        defer { huge.deallocate() }
        #expect(failureCode { try writer.writeDoubles(UnsafeBufferPointer(huge)) } == .writeFailed)
        #expect(writer.framesWritten == 0)
    }
}
