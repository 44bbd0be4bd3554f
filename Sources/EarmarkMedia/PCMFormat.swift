internal import EarmarkFiles

/// How samples are stored.
public enum SampleKind: Sendable, Equatable, Codable, Hashable {
    /// Signed integers of 8, 16, 24 or 32 bits.
    case integer(bits: Int)
    /// IEEE 754 binary32.
    case float32
    /// IEEE 754 binary64.
    case float64

    /// Bytes of one sample in a file.
    public var byteCount: Int {
        switch self {
        case .integer(let bits): (bits + 7) / 8
        case .float32: 4
        case .float64: 8
        }
    }

    /// Whether samples are integers.
    public var isInteger: Bool {
        if case .integer = self { true } else { false }
    }
}

/// The containers of clean audio that libsndfile reads and writes here.
public enum PCMContainer: String, Sendable, Codable, CaseIterable {
    /// RIFF WAVE; becomes RF64 by itself beyond 4 GiB.
    case wav
    /// FLAC, integers of 8 to 24 bits.
    case flac
    /// AIFF and AIFC.
    case aiff
    /// Apple Core Audio Format.
    case caf
    /// Sony Wave64.
    case w64
    /// RF64 (EBU Tech 3306).
    case rf64

    /// The container that the extension of `path` names; nil if none.
    public init?(path: String) {
        switch FilePath.ending(path) {
        case "wav", "wave", "bwf": self = .wav
        case "flac": self = .flac
        case "aiff", "aif", "aifc": self = .aiff
        case "caf": self = .caf
        case "w64": self = .w64
        case "rf64": self = .rf64
        default: return nil
        }
    }

    /// Whether samples of `kind` can be stored.
    public func holds(_ kind: SampleKind) -> Bool {
        switch kind {
        case .integer(let bits): self == .flac ? [8, 16, 24].contains(bits) : [8, 16, 24, 32].contains(bits)
        case .float32, .float64: self != .flac
        }
    }

    /// `kind` where the container holds it, else the best it has: 24-bit integers, to which the caller dithers.
    public func nearest(to kind: SampleKind) -> SampleKind { holds(kind) ? kind : .integer(bits: 24) }
}

/// Shape of a stream of clean audio.
public struct PCMFormat: Sendable, Equatable, Codable {
    /// Where the samples lie; nil for anything but the containers above.
    public var container: PCMContainer?
    /// How they are stored.
    public var kind: SampleKind
    /// In hertz, 8 000...192 000.
    public var sampleRate: Int
    /// Interleaved channels, 1...8.
    public var channels: Int
    /// Frames as the header claims; nil if unknown before the end.
    public var frames: Int64?

    /// Accepted sample rates, in hertz.
    public static let sampleRates = 8_000...192_000
    /// Accepted channel counts.
    public static let channelCounts = 1...8

    /// Bundles the fields.
    public init(container: PCMContainer?, kind: SampleKind, sampleRate: Int, channels: Int, frames: Int64?) {
        self.container = container
        self.kind = kind
        self.sampleRate = sampleRate
        self.channels = channels
        self.frames = frames
    }

    /// Refuses rates and channel counts outside the accepted ranges.
    func requireAccepted(path: String) throws(MediaError) {
        guard PCMFormat.sampleRates.contains(sampleRate) else {
            throw MediaError(
                .outOfRange,
                "has a sample rate of \(sampleRate) Hz; accepted are \(PCMFormat.sampleRates.lowerBound) to "
                    + "\(PCMFormat.sampleRates.upperBound) Hz. Resample it first.",
                path: path)
        }
        guard PCMFormat.channelCounts.contains(channels) else {
            throw MediaError(
                .outOfRange,
                "has \(channels) channels; accepted are \(PCMFormat.channelCounts.lowerBound) to "
                    + "\(PCMFormat.channelCounts.upperBound).",
                path: path)
        }
    }
}
