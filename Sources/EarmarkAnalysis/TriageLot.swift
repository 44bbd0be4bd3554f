internal import Crypto
internal import EarmarkMark
internal import EarmarkMedia

/// Where the stretches of a track lie.
///
/// That is fixed by the meeting's secrets, by all of the file and by the track, so before anything of it is tested, and
/// the same wherever it is analysed. Whoever could foresee the places could put what they are to show there, and
/// something else into the rest.
struct TriageLot: Equatable {
    /// The stretches, in the order in which they are read: the first two are never neighbours.
    let stretches: [DecodeStretch]

    /// What is hashed here is hashed nowhere else.
    private static let label = "earmark triage places 1"
    /// Parts of a track from which the first two stretches are taken.
    private static let pairs = [(1, 3), (0, 2), (0, 3)]

    /// - Parameters:
    ///   - secret: seeds of which no ticket holds all.
    ///   - file: SHA-256 of the file: places that were read of one file tell nothing of those of another.
    ///   - track: the track, of which a moment can be sought.
    init(secret: [Seed], file: String, track: AudioTrack) {
        self.init(secret: secret, file: file, track: track.position, seconds: track.seekableSeconds ?? 0)
    }

    /// The same of a track of `seconds`, at least as long as `Triage.leastSeconds`.
    init(secret: [Seed], file: String, track: Int, seconds: Double) {
        var hash = SHA256()
        hash.update(data: Array(Self.label.utf8))
        for seed in secret { hash.update(data: seed.bytes) }
        hash.update(data: Array(file.utf8))
        for number in [UInt64(track), seconds.bitPattern] {
            hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
        }
        let digest = Array(hash.finalize())
        func number(_ place: Int) -> UInt32 {
            digest[4 * place..<4 * place + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        let parts = Triage.stretchesPerTrack
        let pair = Self.pairs[Int(number(parts) % UInt32(Self.pairs.count))]
        let rest = (0..<parts).filter { $0 != pair.0 && $0 != pair.1 }
        let length = seconds / Double(parts)
        stretches = ([pair.0, pair.1] + rest).map { part in
            let share = Double(number(part)) / Double(UInt32.max)
            let room = max(0, length - Triage.stretchSeconds)
            return DecodeStretch(
                start: Double(part) * length + share * room, seconds: Triage.stretchSeconds, total: seconds)
        }
    }
}
