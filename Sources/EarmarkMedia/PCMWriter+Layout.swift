internal import CProcess
internal import CSndFile
internal import EarmarkFiles
import Glibc

/// How a file is laid out, and where it stands until it is complete.
extension PCMWriter {
    static func mayExceedRIFF(_ format: PCMFormat) -> Bool {
        guard let frames = format.frames else { return true }
        let (bytes, overflow) = frames.multipliedReportingOverflow(by: Int64(format.channels * format.kind.byteCount))
        return overflow || bytes > largestRIFF - headerRoom
    }

    static func name(_ kind: SampleKind) -> String {
        switch kind {
        case .integer(let bits): "\(bits)-bit integers"
        case .float32: "32-bit floats"
        case .float64: "64-bit floats"
        }
    }

    static func sndfileFormat(
        _ container: PCMContainer, _ kind: SampleKind, usesRF64: Bool, isExtensible: Bool
    ) -> Int32 {
        let major =
            switch container {
            case .wav where usesRF64: SF_FORMAT_RF64
            case .wav: isExtensible ? SF_FORMAT_WAVEX : SF_FORMAT_WAV
            case .flac: SF_FORMAT_FLAC
            case .aiff: SF_FORMAT_AIFF
            case .caf: SF_FORMAT_CAF
            case .w64: SF_FORMAT_W64
            case .rf64: SF_FORMAT_RF64
            }
        let isSignedByte = container == .flac || container == .aiff || container == .caf
        let minor =
            switch kind {
            case .integer(bits: 8): isSignedByte ? SF_FORMAT_PCM_S8 : SF_FORMAT_PCM_U8
            case .integer(bits: 16): SF_FORMAT_PCM_16
            case .integer(bits: 24): SF_FORMAT_PCM_24
            case .integer: SF_FORMAT_PCM_32
            case .float32: SF_FORMAT_FLOAT
            case .float64: SF_FORMAT_DOUBLE
            }
        return Int32(major) | Int32(minor)
    }

    /// Where samples go until all are written, with the permissions any new file would have.
    ///
    /// A file without a name in the same folder, of which nothing stays however the process ends; where the file system
    /// has none, a hidden one.
    static func createTemporary(
        beside path: String, isNamed: Bool
    ) throws(MediaError) -> (descriptor: Int32, path: String?) {
        let folder = FilePath.join(FilePath.parent(path), ".")
        let unnamed = isNamed ? -1 : FilePath.withCString(folder) { cprocess_open_unnamed($0, 0o666) }
        guard unnamed < 0 else { return (unnamed, nil) }
        return try withFreshName(beside: path) { candidate in
            let descriptor = FilePath.open(candidate, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode: 0o666)
            return descriptor >= 0 ? (descriptor, candidate) : nil
        }
    }

    /// Gives a file without a name a hidden one, by which it can take the place of another.
    static func name(_ descriptor: Int32, beside path: String) throws(MediaError) -> String {
        try withFreshName(beside: path) { candidate in
            FilePath.withCString(candidate) { cprocess_name(descriptor, $0) } == 0 ? candidate : nil
        }
    }

    /// What `make` makes at a hidden path beside `path`; it is asked again where something lies there.
    private static func withFreshName<Made>(
        beside path: String, _ make: (_ candidate: String) -> Made?
    ) throws(MediaError) -> Made {
        let (folder, name) = (FilePath.parent(path), FilePath.lastPart(path))
        var reason = EEXIST
        for _ in 0..<16 where reason == EEXIST {
            let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
            // Long names stay within the system's 255 bytes.
            let start = FilePath.text(FilePath.bytes(name).prefix(200))
            if let made = make(FilePath.join(folder, ".\(start).\(suffix).part")) { return made }
            reason = errno
        }
        throw MediaError(
            .writeFailed, "cannot be created: \(PrivateFile.reason(reason, creating: path)).", path: path)
    }
}
