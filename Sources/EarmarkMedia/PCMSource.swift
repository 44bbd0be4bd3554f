/// A stream of interleaved audio at its own rate, read once from start to end.
///
/// Buffers are interleaved and hold whole frames: a read fills at most `buffer.count / format.channels` frames and
/// returns how many, 0 at the end. Not thread-safe.
public protocol PCMSource: AnyObject {
    /// The file read.
    var path: String { get }
    /// Shape of what is read; `kind` is that of the samples in the file.
    var format: PCMFormat { get }
    /// The kind that a copy should have: `format.kind`, or 16-bit integers for a lossy codec.
    var outputKind: SampleKind { get }
    /// What the copy should carry besides samples.
    var metadata: PCMMetadata { get }
    /// What the copy does not have, or has otherwise, in sentences; whole once all is read.
    var warnings: [String] { get }

    /// Reads integers left-justified in 32 bits: a sample of b bits times 2^(32 - b), exactly.
    ///
    /// Only for integer kinds; others throw `unsupportedSampleFormat`.
    func readIntegers(into buffer: UnsafeMutableBufferPointer<Int32>) throws(MediaError) -> Int

    /// Reads samples of any kind, integers divided by 2^(bits - 1): exact up to 24 bits and for `float32`.
    ///
    /// What a float file holds is passed on unchanged, NaN and values beyond ±1 included.
    func readFloats(into buffer: UnsafeMutableBufferPointer<Float>) throws(MediaError) -> Int

    /// Reads samples of any kind, integers divided by 2^(bits - 1): exact for all.
    func readDoubles(into buffer: UnsafeMutableBufferPointer<Double>) throws(MediaError) -> Int
}

extension PCMSource {
    /// Nothing to tell.
    public var warnings: [String] { [] }
}

/// Opens clean audio for marking.
public enum PCMInput {
    /// The file at `path` through libsndfile if it holds PCM in one of the `PCMContainer`s, else through FFmpeg.
    ///
    /// Throws `notFound`, `unreadable`, `outOfRange` (rate or channels), and what `SourceDecoder` throws.
    public static func open(path: String) throws(MediaError) -> any PCMSource {
        do throws(MediaError) {
            let reader = try PCMReader(path: path)
            // libsndfile finds nothing in big-endian WAV whose length nobody filled in.
            guard reader.format.frames == 0, isWave(path), let decoder = try? SourceDecoder(path: path) else {
                return reader
            }
            return decoder
        } catch {
            // It calls WAV files damage that it does not know in this form.
            if error.code == .corrupt && isWave(path) {
                guard let decoder = try? SourceDecoder(path: path) else { throw error }
                return decoder
            }
            // Only "not for libsndfile" leads on; a damaged or missing file stays what it is.
            guard error.code == .unsupportedType || error.code == .unsupportedSampleFormat else { throw error }
        }
        return try SourceDecoder(path: path)
    }

    private static func isWave(_ path: String) -> Bool {
        (try? ByteSource(path: path))?.bytes(at: 8, count: 4).contains("WAVE", at: 0) ?? false
    }
}
