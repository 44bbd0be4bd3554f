/// Channels that hold the same samples, as a mono call on two loudspeakers does, are marked once.
///
/// A channel *follows* the first one as long as it gets the same bits: its filters would hold the same, so they stand
/// still, and it gets the first one's output. At the first other sample it takes over the first one's state and goes
/// its own way. The output is the same as if every channel were processed by itself.
extension MarkEngine {
    /// Lets a channel go its own way from the span at hand on.
    mutating func part(_ channel: Int) {
        let marked = marked(channel)
        let silent = silent(channel)
        unsafe follows[channel] = false
        unsafe lines[channel].takeOver(lines[0], marked: marked, silent: silent)
        bank.copy(channel: 0, to: channel)
    }

    /// Lets channels follow again whose filters are as empty as the first one's.
    ///
    /// Between updates only, as flushing.
    func rejoin() {
        for channel in 1..<max(1, channels) where unsafe !follows[channel] {
            guard unsafe lines[0].isAtRest && lines[channel].isAtRest else { continue }
            unsafe leads[channel].marked = lines[0].framesMarked - lines[channel].framesMarked
            unsafe leads[channel].silent = lines[0].framesSilent - lines[channel].framesSilent
            unsafe follows[channel] = true
        }
    }

    /// Frames of a channel that carry the mark.
    func marked(_ channel: Int) -> Int64 {
        unsafe follows[channel] ? lines[0].framesMarked - leads[channel].marked : lines[channel].framesMarked
    }

    /// Frames of a channel that were left alone as silence.
    func silent(_ channel: Int) -> Int64 {
        unsafe follows[channel] ? lines[0].framesSilent - leads[channel].silent : lines[channel].framesSilent
    }
}
