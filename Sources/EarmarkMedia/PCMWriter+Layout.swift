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

    /// A new file beside `path`, hidden, with the permissions any new file would have.
    static func createTemporary(beside path: String) throws(MediaError) -> (Int32, String) {
        let (folder, name) = (FilePath.parent(path), FilePath.lastPart(path))
        var reason = EEXIST
        for _ in 0..<16 where reason == EEXIST {
            let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
            // Long names stay within the system's 255 bytes.
            let start = FilePath.text(FilePath.bytes(name).prefix(200))
            let candidate = FilePath.join(folder, ".\(start).\(suffix).part")
            let descriptor = FilePath.open(candidate, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode: 0o666)
            if descriptor >= 0 { return (descriptor, candidate) }
            reason = errno
        }
        throw MediaError(.writeFailed, "cannot be created: \(systemMessage(reason)).", path: path)
    }
}
