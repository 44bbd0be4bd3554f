internal import CFFmpeg

/// What a marked copy of a file does not have, or has otherwise, in sentences: it may be taken for the file.
enum SourceRemarks {
    /// Of a file that FFmpeg decodes, of which `stream` is marked.
    static func of(_ judged: JudgedRecording?, _ input: FFmpegInput, stream: Int) -> [String] {
        var remarks: [String] = []
        let tracks = input.streams(of: AVMEDIA_TYPE_AUDIO).count
        if tracks > 1 {
            remarks.append(
                "one of \(tracks) audio tracks was marked, that which FFmpeg plays; the others are not in it")
        }
        guard let judged else { return remarks }
        let identifier = input.stream(stream)?.pointee.id
        if let track = judged.tracks?.first(where: { Int64($0.identifier) == Int64(identifier ?? -1) }) {
            remarks += of(judged.presentation(of: track), seconds: track.seconds)
        }
        return remarks + unread(judged)
    }

    /// Of what a player shows otherwise than it lies in the file.
    private static func of(_ presentation: Presentation, seconds: Double?) -> [String] {
        let edits = presentation.edits
        guard let first = edits.first else { return [] }
        guard edits.count == 1 else {
            let shown = edits.map { min($0.length, max(0, (seconds ?? .infinity) - $0.media)) }.reduce(0, +)
            return [
                "an edit list has players show its audio in \(edits.count) pieces, \(text(shown)) s in all; it was "
                    + "marked as it lies in the file, and meeting times count along that"
            ]
        }
        guard first.shown > Presentation.padding else { return [] }
        return [
            "players show its audio from \(text(first.shown)) s on; what was marked begins with the audio, at the "
                + "meeting time that was given"
        ]
    }

    /// Of a WAV file that libsndfile reads.
    static func ofWave(_ source: ByteSource) -> [String] {
        let judged = try? ContainerJudge.judge(source)
        let dropped = WaveNames(source).others
        let names = dropped.prefix(namedChunks).joined(separator: ", ") + (dropped.count > namedChunks ? ", …" : "")
        return (judged.map(unread) ?? []) + (dropped.isEmpty ? [] : ["chunks that are not copied: \(names)"])
    }

    /// Chunks that are named.
    private static let namedChunks = 8

    private static func unread(_ judged: JudgedRecording) -> [String] {
        judged.unread.map { "not marked: \($0)" }
            + (judged.isTruncated ? ["it ends before what it promises: a part of it is missing"] : [])
    }

    /// Of places that time stamps leave out.
    static func holes(_ count: Int, seconds: Double) -> String {
        "its time stamps leave out \(text(seconds)) s in \(count) places; it was marked in one piece, and meeting "
            + "times count along that"
    }

    /// Time stamps that go ahead of the audio, or fall behind, by less are rounded, seconds.
    static let leastDrift = 1.0

    /// Of time stamps that run at another speed than the audio.
    static func drift(_ seconds: Double) -> String {
        "its time stamps \(seconds > 0 ? "go ahead of" : "fall behind") its audio by \(text(seconds.magnitude)) s in "
            + "all; it was marked at the speed of the audio"
    }

    /// Of packets that do not decode.
    static func lost(_ count: Int) -> String { "\(count) packets do not decode, and what they held is missing" }

    private static func text(_ seconds: Double) -> String {
        let tenths = Int64((min(max(0, seconds), 1e12) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// The chunks of a WAV file that a copy does not get.
private struct WaveNames {
    /// Their names, each once, in their order.
    private(set) var others: [String] = []

    /// Chunks that are looked at.
    private static let maximum = 10_000
    /// Those that a copy gets, or that mean nothing in it.
    private static let kept: Set<FourCC> = [
        "fmt ", "data", "fact", "ds64", "bext", "cart", "cue ", "inst", "smpl", "PEAK", "JUNK", "junk", "PAD ", "FLLR",
        "iXML", "axml", "_PMX", "chna", "id3 ",
    ]

    init(_ source: ByteSource) {
        var offset: Int64 = 12
        for _ in 0..<WaveNames.maximum {
            let head = source.bytes(at: offset, count: 12)
            guard let type = head.fourCC(at: 0), type.isName, let size = head.littleEndian32(at: 4) else { return }
            let kind = head.fourCC(at: 8)
            if type == "LIST" {
                if kind != "INFO", let kind { add("LIST \(kind)") }
            } else if !WaveNames.kept.contains(type) {
                add(type.description)
            }
            offset += 8 + Int64(size) + Int64(size & 1)
        }
    }

    private mutating func add(_ name: String) { if !others.contains(name) { others.append(name) } }
}
