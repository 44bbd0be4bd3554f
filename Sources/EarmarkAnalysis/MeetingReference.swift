internal import EarmarkDetect
internal import EarmarkFFTW
public import EarmarkMedia

/// A reference: a clean recording of a meeting, by which recordings of it are freed from what everybody heard.
///
/// Takes some 60 MB of memory an hour. Immutable; any thread may use it.
public struct MeetingReference: Sendable {
    /// Last part of the path.
    public let name: String
    /// SHA-256 of the file, hexadecimal.
    public let sha256: String
    /// Decoded seconds of its first track.
    public let seconds: Double
    let powers: ReferencePowers

    /// Longest reference, seconds: 350 MB of band powers.
    public static let longestSeconds = 6 * 3_600.0

    /// Decodes the first track of the file at `path`, in a process of its own if there is a `worker`.
    ///
    /// - Throws: `MediaError` as for a recording, `outOfRange` if it is longer than `longestSeconds`.
    public init(path: String, maximumBytes: Int64, worker: DecoderWorker? = nil) throws {
        let policy = RecordingPolicy(maximumBytes: maximumBytes, minimumSeconds: 0)
        let recording = try RecordingDecoder(path: path, policy: policy, worker: worker)
        let source = ChannelFeatures(
            recording: recording, transforms: FFTWProvider(), deadline: RecordingPolicy().deadline(path: path),
            progress: nil)
        let declared = recording.tracks.first?.declaredSeconds ?? 0
        let decoded = declared > MeetingReference.longestSeconds ? nil : try source.referencePowers(track: 0)
        guard let decoded, decoded.summary.seconds <= MeetingReference.longestSeconds else {
            throw MediaError(
                .outOfRange, "the reference lasts more than 6 hours. Cut out the part that may have leaked.", path: path
            )
        }
        name = path.split(separator: "/").last.map(String.init) ?? path
        sha256 = try FileDigest.sha256(recording)
        seconds = decoded.summary.seconds
        powers = decoded.powers
    }

    /// What the reference holds at every frame of a recording; nil if the recording is not found in it.
    func track(_ features: FeatureMatrix) -> HostTrack? {
        HostAligner(powers, transforms: FFTWProvider()).track(features)
    }
}
