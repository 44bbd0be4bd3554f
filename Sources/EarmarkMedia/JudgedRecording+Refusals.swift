/// Why a recording is refused of which something was not read.
extension JudgedRecording {
    /// The refusal of the file at `path`, in which no audio was found; nil if all of it was read.
    func unreadAudio(_ path: String) -> MediaError? {
        unread.first.map {
            MediaError(
                .corrupt,
                "has no audio track in what is read of it: \($0). Take that out, and analyse it by itself.", path: path)
        }
    }

    /// The refusal of the file at `path`, whose samples are missing, in place of `failure`; nil if they are not.
    func endsEarly(_ failure: MediaError?, _ path: String) -> MediaError? {
        guard container == .wav, isTruncated, failure.map({ $0.code == .corrupt }) ?? true else { return nil }
        return MediaError(
            .truncated, "the file ends before any audio that decodes. Get a complete copy of the file.", path: path)
    }
}
