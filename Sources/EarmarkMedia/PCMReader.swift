internal import CSndFile
internal import EarmarkFiles
import Glibc

/// Reads clean audio through libsndfile: WAV, RF64, FLAC, AIFF, CAF and W64, judged by content.
///
/// Not thread-safe.
public final class PCMReader: PCMSource {
    /// The file read.
    public let path: String
    /// Its shape; `frames` is what the header claims, limited by the size of the file.
    public let format: PCMFormat
    /// Text fields, broadcast extension and the like.
    public let metadata: PCMMetadata
    /// What the copy does not have.
    public let warnings: [String]
    /// Same as `format.kind`.
    public var outputKind: SampleKind { format.kind }

    private let file: OpaquePointer

    /// Opens the file at `path`.
    ///
    /// Throws `notFound`, `unreadable`, `unsupportedType` (not one of the containers), `unsupportedSampleFormat` (no
    /// PCM), `outOfRange` (8 000-192 000 Hz, 1-8 channels), `corrupt`.
    public init(path: String) throws(MediaError) {
        let source = try ByteSource(path: path)
        guard source.size > 0 else { throw MediaError(.corrupt, "file is empty (0 bytes).", path: path) }
        guard PCMReader.isKnownMagic(source.bytes(at: 0, count: 16)) else {
            throw MediaError(
                .unsupportedType,
                "is none of WAV, RF64, FLAC, AIFF, CAF, W64. Convert it: "
                    + ConversionAdvice.command(for: path), path: path)
        }
        // By descriptor: given a path, libsndfile also looks for resource forks beside it.
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw MediaError(.unreadable, "cannot be opened: \(systemMessage(errno)).", path: path)
        }
        var info = SF_INFO()
        guard let file = sf_open_fd(descriptor, Int32(SFM_READ), &info, 1) else {
            // libsndfile has closed the descriptor, as asked.
            throw MediaError(.corrupt, "cannot be read: \(String(cString: sf_strerror(nil)))", path: path)
        }
        do throws(MediaError) {
            let format = try PCMReader.format(of: info, path: path)
            try format.requireAccepted(path: path)
            self.format = format
        } catch {
            sf_close(file)
            throw error
        }
        self.path = path
        self.file = file
        var metadata = PCMMetadata(file: file, channels: Int(info.channels))
        metadata.isExtensible = Int(info.format) & Int(SF_FORMAT_TYPEMASK) == Int(SF_FORMAT_WAVEX)
        self.metadata = metadata
        warnings = format.container == .wav || format.container == .rf64 ? SourceRemarks.ofWave(source) : []
    }

    deinit { sf_close(file) }

    /// Integers left-justified in 32 bits; see `PCMSource`.
    public func readIntegers(into buffer: UnsafeMutableBufferPointer<Int32>) throws(MediaError) -> Int {
        guard format.kind.isInteger else {
            throw MediaError(.unsupportedSampleFormat, "holds floats, not integers.", path: path)
        }
        guard let base = buffer.baseAddress else { return 0 }
        return try checked(sf_readf_int(file, base, frames(buffer.count)))
    }

    /// Samples of any kind, full scale ±1; see `PCMSource`.
    public func readFloats(into buffer: UnsafeMutableBufferPointer<Float>) throws(MediaError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        return try checked(sf_readf_float(file, base, frames(buffer.count)))
    }

    /// Samples of any kind, full scale ±1; see `PCMSource`.
    public func readDoubles(into buffer: UnsafeMutableBufferPointer<Double>) throws(MediaError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        return try checked(sf_readf_double(file, base, frames(buffer.count)))
    }

    private func frames(_ samples: Int) -> sf_count_t { sf_count_t(samples / format.channels) }

    private func checked(_ count: sf_count_t) throws(MediaError) -> Int {
        if count <= 0, sf_error(file) != Int32(SF_ERR_NO_ERROR) {
            throw MediaError(.corrupt, "cannot be read on: \(String(cString: sf_strerror(file)))", path: path)
        }
        return Int(max(0, count))
    }

    private static func isKnownMagic(_ head: [UInt8]) -> Bool {
        if head.contains("FORM", at: 0) { return head.contains("AIFF", at: 8) || head.contains("AIFC", at: 8) }
        if head.contains("WAVE", at: 8) { return head.contains("RIF", at: 0) || head.contains("RF64", at: 0) }
        return head.contains("fLaC", at: 0) || head.contains("caff", at: 0) || head.contains("riff\u{2E}", at: 0)
    }

    private static func format(of info: SF_INFO, path: String) throws(MediaError) -> PCMFormat {
        let container: PCMContainer? =
            switch Int(info.format) & Int(SF_FORMAT_TYPEMASK) {
            case Int(SF_FORMAT_WAV), Int(SF_FORMAT_WAVEX): .wav
            case Int(SF_FORMAT_FLAC): .flac
            case Int(SF_FORMAT_AIFF): .aiff
            case Int(SF_FORMAT_CAF): .caf
            case Int(SF_FORMAT_W64): .w64
            case Int(SF_FORMAT_RF64): .rf64
            default: nil
            }
        let kind: SampleKind? =
            switch Int(info.format) & Int(SF_FORMAT_SUBMASK) {
            case Int(SF_FORMAT_PCM_S8), Int(SF_FORMAT_PCM_U8): .integer(bits: 8)
            case Int(SF_FORMAT_PCM_16): .integer(bits: 16)
            case Int(SF_FORMAT_PCM_24): .integer(bits: 24)
            case Int(SF_FORMAT_PCM_32): .integer(bits: 32)
            case Int(SF_FORMAT_FLOAT): .float32
            case Int(SF_FORMAT_DOUBLE): .float64
            default: nil
            }
        guard let container, let kind else {
            throw MediaError(
                .unsupportedSampleFormat,
                "holds compressed audio, not PCM. Convert it: " + ConversionAdvice.command(for: path), path: path)
        }
        return PCMFormat(
            container: container, kind: kind, sampleRate: Int(info.samplerate), channels: Int(info.channels),
            frames: info.frames >= 0 && info.frames < Int64.max / 2 ? Int64(info.frames) : nil)
    }
}
