internal import CProcess
internal import CSndFile
internal import EarmarkFiles
import Glibc

/// Writes clean audio through libsndfile, under its final name only once complete.
///
/// Samples go to a temporary file in the same folder, without a name where the file system can do that; `finish()`
/// gives it its own. Dropped without `finish()`, the writer removes it and leaves whatever stood at the path alone. Not
/// thread-safe.
public final class PCMWriter {
    /// Where the file will stand.
    public let path: String
    /// What is written; `frames` as expected, nil if unknown.
    public let format: PCMFormat
    /// Frames written so far.
    public private(set) var framesWritten: Int64 = 0

    /// Where the temporary file lies; nil while it has no name.
    private var temporaryPath: String?
    private let descriptor: Int32
    private var file: OpaquePointer?
    private let byteLimit: Int64
    /// Bytes of samples that the system was told to begin writing to disk.
    private var bytesUnderWay: Int64 = 0

    /// Header and metadata in front of and behind the samples of a RIFF or AIFF file are given this room, in bytes.
    static let headerRoom: Int64 = 32 << 20
    /// Largest RIFF or AIFF file, in bytes: their sizes have 32 bits.
    static let largestRIFF: Int64 = 0xFFFF_FFFF
    /// After so many bytes the disk may begin: `finish` waits for all of them, and would for a long time if it began
    /// only then.
    private static let writeBackBytes: Int64 = 16 << 20

    /// Begins a file at `path`, whose extension chooses the container.
    ///
    /// - Parameters:
    ///   - path: ends in .wav, .flac, .aiff, .aif, .caf, .w64 or .rf64; an existing file is replaced at the end.
    ///   - format: kind, rate and channels to write; `container` is ignored, `frames` as expected or nil.
    ///   - metadata: what else to store.
    /// - Throws: `unsupportedType` for another extension, `unsupportedSampleFormat` if the container cannot hold
    ///   `format.kind` (FLAC: use `PCMContainer.nearest(to:)` and dither), `outOfRange`, `writeFailed`.
    ///
    /// A WAV file whose expected length is unknown or passes 4 GiB is laid out so that it becomes RF64 if it must. The
    /// same input gives the same bytes: no time stamps are written.
    public convenience init(
        path: String, format: PCMFormat, metadata: PCMMetadata = PCMMetadata()
    ) throws(MediaError) {
        try self.init(path: path, format: format, metadata: metadata, isNamed: false)
    }

    /// The same; `isNamed`: whether the temporary file has a name even where it needs none.
    package init(path: String, format: PCMFormat, metadata: PCMMetadata, isNamed: Bool) throws(MediaError) {
        guard let container = PCMContainer(path: path) else {
            throw MediaError(
                .unsupportedType, "has no extension that can be written: .wav .flac .aiff .aif .caf .w64 .rf64",
                path: path)
        }
        guard container.holds(format.kind) else {
            throw MediaError(
                .unsupportedSampleFormat,
                "\(container.rawValue.uppercased()) cannot hold \(PCMWriter.name(format.kind)); write .wav instead, or "
                    + "24-bit integers.",
                path: path)
        }
        try format.requireAccepted(path: path)
        let usesRF64 = container == .rf64 || container == .wav && PCMWriter.mayExceedRIFF(format)
        self.path = path
        self.format = PCMFormat(
            container: container, kind: format.kind, sampleRate: format.sampleRate, channels: format.channels,
            frames: format.frames)
        self.byteLimit =
            container == .aiff || container == .wav && !usesRF64
            ? PCMWriter.largestRIFF - PCMWriter.headerRoom : .max
        (descriptor, temporaryPath) = try PCMWriter.createTemporary(beside: path, isNamed: isNamed)
        var info = SF_INFO()
        info.samplerate = Int32(format.sampleRate)
        info.channels = Int32(format.channels)
        info.format = PCMWriter.sndfileFormat(
            container, format.kind, usesRF64: usesRF64, isExtensible: metadata.isExtensible)
        file = sf_open_fd(descriptor, Int32(SFM_WRITE), &info, 0)
        guard let file else {
            let reason = String(cString: sf_strerror(nil))
            close(descriptor)
            removeTemporary()
            throw MediaError(.writeFailed, "cannot be begun: \(reason)", path: path)
        }
        // The PEAK chunk holds the time of day, and the same input must give the same bytes.
        sf_command(file, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
        if container == .wav && usesRF64 {
            sf_command(file, Int32(SFC_RF64_AUTO_DOWNGRADE), nil, Int32(SF_TRUE))
        }
        metadata.write(to: file, container: container)
    }

    deinit {
        guard file != nil else { return }
        sf_close(file)
        close(descriptor)
        removeTemporary()
    }

    private func removeTemporary() {
        if let temporaryPath { FilePath.remove(temporaryPath) }
    }

    /// Appends interleaved integers, left-justified in 32 bits; bits below the sample's size are cut off.
    ///
    /// Only for integer kinds. Throws `unsupportedSampleFormat` otherwise, and `writeFailed`.
    public func writeIntegers(_ samples: UnsafeBufferPointer<Int32>) throws(MediaError) {
        guard format.kind.isInteger else { throw wrongKind("integers") }
        try write(samples.count) { file, frames in sf_writef_int(file, samples.baseAddress, frames) }
    }

    /// Appends interleaved floats, full scale ±1, to a `float32` or `float64` file.
    ///
    /// Throws `unsupportedSampleFormat` for integer kinds (rounding and dither are the caller's), and `writeFailed`.
    public func writeFloats(_ samples: UnsafeBufferPointer<Float>) throws(MediaError) {
        guard !format.kind.isInteger else { throw wrongKind("floats") }
        try write(samples.count) { file, frames in sf_writef_float(file, samples.baseAddress, frames) }
    }

    /// Appends interleaved doubles, full scale ±1, to a `float64` file.
    ///
    /// Throws `unsupportedSampleFormat` for other kinds, and `writeFailed`.
    public func writeDoubles(_ samples: UnsafeBufferPointer<Double>) throws(MediaError) {
        guard format.kind == .float64 else { throw wrongKind("doubles") }
        try write(samples.count) { file, frames in sf_writef_double(file, samples.baseAddress, frames) }
    }

    /// Completes the file and gives it its name; nothing may be written afterwards.
    public func finish() throws(MediaError) {
        guard let file else { throw MediaError(.writeFailed, "was finished before.", path: path) }
        self.file = nil
        let closed = sf_close(file)
        let complete = closed == 0 && isComplete() && fsync(descriptor) == 0
        let reason = closed != 0 ? String(cString: sf_error_number(closed)) : systemMessage(errno)
        defer { close(descriptor) }
        guard complete else {
            removeTemporary()
            throw MediaError(.writeFailed, "cannot be completed: \(reason)", path: path)
        }
        let whole: String
        if let temporaryPath { whole = temporaryPath } else { whole = try PCMWriter.name(descriptor, beside: path) }
        guard FilePath.rename(whole, to: path) == 0 else {
            let reason = errno
            FilePath.remove(whole)
            throw MediaError(.writeFailed, "cannot be put in place: \(systemMessage(reason)).", path: path)
        }
    }

    /// Whether all samples reached the file: a header that could not be written is not reported by libsndfile.
    private func isComplete() -> Bool {
        guard format.container != .flac else { return true }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        let samples = framesWritten * Int64(format.channels * format.kind.byteCount)
        if Int64(status.st_size) >= samples { return true }
        errno = ENOSPC
        return false
    }

    private func write(_ samples: Int, _ body: (OpaquePointer, sf_count_t) -> sf_count_t) throws(MediaError) {
        guard let file else { throw MediaError(.writeFailed, "was finished before.", path: path) }
        let frames = samples / format.channels
        guard samples % format.channels == 0 else {
            throw MediaError(
                .outOfRange, "was given \(samples) samples, no multiple of \(format.channels) channels.", path: path)
        }
        guard frames > 0 else { return }
        let bytes = (framesWritten + Int64(frames)) * Int64(format.channels * format.kind.byteCount)
        guard bytes <= byteLimit else {
            throw MediaError(
                .writeFailed, "would pass 4 GiB, the most its type can hold. Write .rf64, .w64 or .caf.", path: path)
        }
        let written = body(file, sf_count_t(frames))
        framesWritten += Int64(max(0, written))
        guard written == sf_count_t(frames) else {
            throw MediaError(
                .writeFailed,
                "only \(max(0, written)) of \(frames) frames could be written: \(String(cString: sf_strerror(file)))",
                path: path)
        }
        if bytes - bytesUnderWay >= PCMWriter.writeBackBytes {
            // Only begun: what fails is told by `fsync`.
            _ = cprocess_begin_writing(descriptor)
            bytesUnderWay = bytes
        }
    }

    private func wrongKind(_ given: String) -> MediaError {
        MediaError(.unsupportedSampleFormat, "takes \(PCMWriter.name(format.kind)), not \(given).", path: path)
    }
}
