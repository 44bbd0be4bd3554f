import EarmarkFiles

/// The command lines that error messages recommend.
package enum ConversionAdvice {
    /// The `ffmpeg` line that turns all audio tracks of the file at `path` into 16-bit samples beside the caller.
    ///
    /// In MOV: WAV holds one track, and the mark may be in any.
    static func command(for path: String) -> String {
        "ffmpeg -i \(fileWord(path)) -map 0:a -c:a pcm_s16le \(fileWord(output(for: path, ending: ".mov")))"
    }

    /// The `ffmpeg` line that cuts the file at `path` into parts of `seconds`, as they are.
    static func parts(of path: String, seconds: Int) -> String {
        let (name, stem) = parts(path)
        let ending = String(name.dropFirst(stem.count))
        return "ffmpeg -i \(fileWord(path)) -map 0:a -c copy -f segment -segment_time \(seconds) "
            + fileWord(stem.replacing("%", with: "%%") + "-%d" + (ending.isEmpty ? ".mov" : ending))
    }

    /// The `sox` line that does so for a file of `type` which FFmpeg cannot decode.
    static func soxCommand(for path: String, type: String = "mp3") -> String {
        "sox -t \(type) \(shellQuoted(path)) \(shellQuoted(output(for: path)))"
    }

    /// What to do with a list of recordings.
    static let forLists =
        "A list of recordings is for 'earmark batch': as CSV with the column 'file', or on standard input ('-')."

    /// All lines that a decoder may recommend for the file at `path`.
    static func lines(for path: String) -> [String] {
        [
            command(for: path), parts(of: path, seconds: DecodeBounds.longestPart), soxCommand(for: path),
            soxCommand(for: path, type: "wav"), forLists,
        ]
    }

    private static func output(for path: String, ending: String = ".wav") -> String {
        let (name, stem) = parts(path)
        // The line must never overwrite its own input.
        return stem + ending == name ? stem + "-converted" + ending : stem + ending
    }

    /// `message` about the file at `path`, as it reads about a file of the same content at `other`.
    package static func message(_ message: String, of path: String, for other: String) -> String {
        zip(lines(for: path), lines(for: other)).reduce(message) { $0.replacing($1.0, with: $1.1) }
    }

    /// Bits a second of an extract: speech at it is hardly told from the original, and marks stay.
    private static let extractBits: Int64 = 96_000

    /// How to take the audio out of a file so that it fits `maximumBytes`, with the hours that do; nil if none fits.
    ///
    /// Encoded anew, since what is copied from a WAV file is no smaller.
    static func extract(of path: String, within maximumBytes: Int64) -> String? {
        let hours = maximumBytes / (extractBits / 8 * 3600)
        guard hours > 0 else { return nil }
        return "extract the audio as AAC, of which \(hours) hour\(hours == 1 ? "" : "s") of a track fit: ffmpeg -i "
            + "\(fileWord(path)) -map 0:a -c:a aac -b:a \(extractBits / 1000)k "
            + fileWord(parts(path).stem + "-audio.m4a")
    }

    /// A path's last part, and that without its ending.
    private static func parts(_ path: String) -> (name: String, stem: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name, name) }
        return (name, String(name[..<dot]))
    }

    /// `path` as one word of a shell that no program mistakes for an option.
    static func shellQuoted(_ path: String) -> String { FilePath.shellWord(path) }

    /// The same that FFmpeg does not take for an address: it has a colon behind a name of a protocol.
    private static func fileWord(_ path: String) -> String {
        let isAddress = path.prefix { $0 != "/" }.contains(":")
        return shellQuoted(isAddress ? "./" + path : path)
    }
}

/// `number` in decimal digits grouped by commas, as messages show byte counts.
func grouped(_ number: Int64) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}
