internal import CFFmpeg
import Glibc

/// Decodes one stream of an `FFmpegInput`, packet by packet, on one thread.
final class StreamDecoder {
    /// What came of the next step.
    enum Step {
        /// A frame of audio, valid until the next call.
        case frame(UnsafeMutablePointer<AVFrame>)
        /// A packet that does not decode and its duration in seconds, where known.
        case damaged(seconds: Double?)
        /// A packet by which the codec says that nothing was sent, and its duration in seconds, where known.
        case silent(seconds: Double?)
        /// No more packets.
        case end
    }

    private let input: FFmpegInput
    private let streamIndex: Int
    private var codec: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let frame: UnsafeMutablePointer<AVFrame>
    private let timeBase: AVRational
    private let path: String
    private let isTrusted: Bool
    /// Where set, only a packet that begins with a frame header counts as audio of known duration.
    private let rawStream: MPEGAudioSync.Stream?
    private var isDraining = false
    private var isFinished = false
    /// Duration of the last packet while no frame has come of it.
    private var unansweredSeconds: Double?
    /// The last packet that was answered lasted as long as its frame.
    private var isOneToOne = false

    /// Packets that a decoder refused because it lacks what they use, and all that it refused.
    private var refusals: (unsupported: Int, all: Int) = (0, 0)
    /// Why the stream ended before its time.
    private var failure: MediaError?

    /// Length of what was decoded, seconds, and bytes of the packets that it came from.
    private var given = 0.0
    private var packetBytes = 0.0
    /// A packet of the stream was read.
    private(set) var hasPackets = false
    /// The last packet, or one before it, was cut by the end of the file.
    private(set) var sawCutPacket = false

    /// Failures of the demuxer in a row, without a packet between them, that end the stream.
    static let maximumReadFailures = 64
    /// Durations that differ by less than this fraction are the same: container clocks are coarse.
    static let durationTolerance = 0.05
    /// Frames in one `AVFrame` at most; the longest of any codec in use (FLAC, ALAC, APE) stay below.
    private static let maximumFrameLength: Int64 = 4_000_000

    /// Opens the decoder for stream `index` of `input` and has all other streams skipped.
    ///
    /// `isTrusted`: any codec will do; else one of `AcceptedCodecs`.
    init(
        input: FFmpegInput, stream index: Int, rawStream: MPEGAudioSync.Stream?, path: String, isTrusted: Bool = false
    ) throws(MediaError) {
        guard let stream = input.stream(index), let parameters = stream.pointee.codecpar else {
            throw MediaError(.outOfRange, "has no stream \(index).", path: path)
        }
        let codec = try StreamDecoder.open(
            parameters, timeBase: stream.pointee.time_base, isTrusted: isTrusted, path: path)
        var packet = ffmpeg.av_packet_alloc()
        var frame = ffmpeg.av_frame_alloc()
        guard let packet, let frame else {
            var freed: UnsafeMutablePointer<AVCodecContext>? = codec
            ffmpeg.avcodec_free_context(&freed)
            ffmpeg.av_packet_free(&packet)
            ffmpeg.av_frame_free(&frame)
            throw MediaError(.unreadable, "not enough memory to decode it.", path: path)
        }
        self.input = input
        self.streamIndex = index
        self.codec = codec
        self.packet = packet
        self.frame = frame
        self.timeBase = stream.pointee.time_base
        self.rawStream = rawStream
        self.path = path
        self.isTrusted = isTrusted
        input.keepOnly(index)
        input.startCounting()
    }

    /// Bytes of the file that were read for packets, none of them twice.
    var bytesSeen: Int64 { input.bytesSeen }

    /// A decoder for a stream.
    private static func open(
        _ parameters: UnsafeMutablePointer<AVCodecParameters>, timeBase: AVRational, isTrusted: Bool, path: String
    ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
        let name = CodecNames.name(of: parameters)
        guard isTrusted || AcceptedCodecs.contains(parameters.pointee.codec_id),
            let decoder = ffmpeg.avcodec_find_decoder(parameters.pointee.codec_id)
        else {
            throw .unknownCodec(name, path: path)
        }
        var context = ffmpeg.avcodec_alloc_context3(decoder)
        guard let opening = context, ffmpeg.avcodec_parameters_to_context(opening, parameters) >= 0 else {
            ffmpeg.avcodec_free_context(&context)
            throw MediaError(.corrupt, "the stream header of the audio (\(name)) makes no sense.", path: path)
        }
        opening.pointee.thread_count = 1
        opening.pointee.pkt_timebase = timeBase
        opening.pointee.max_samples = maximumFrameLength
        let result = ffmpeg.avcodec_open2(opening, decoder, nil)
        guard result >= 0 else {
            ffmpeg.avcodec_free_context(&context)
            if isUnsupported(result) { throw .unknownCodec(name, path: path) }
            throw MediaError(.corrupt, "the audio decoder (\(name)) refuses the stream header.", path: path)
        }
        return opening
    }

    /// Whether FFmpeg says by an error that it lacks something, and not that the content is wrong.
    private static func isUnsupported(_ code: Int32) -> Bool {
        code == CFF_ERROR_PATCHWELCOME || code == cff_averror(ENOSYS)
    }

    deinit {
        var codec: UnsafeMutablePointer<AVCodecContext>? = codec
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        ffmpeg.avcodec_free_context(&codec)
        ffmpeg.av_packet_free(&packet)
        ffmpeg.av_frame_free(&frame)
    }

    /// The `errno` of a read that failed below FFmpeg, if one did.
    var readError: Int32? { input.readError == 0 ? nil : input.readError }

    /// Why a stream without a single frame is refused.
    var nothingDecodes: MediaError {
        if let failure { return failure }
        if refusals.unsupported > 0, 2 * refusals.unsupported > refusals.all {
            return .unknownCodec("\(codecName) in a form", path: path)
        }
        return MediaError(.corrupt, "nothing in its audio decodes: the content is damaged.", path: path)
    }

    /// Where the last frame begins on the stream's own clock, in seconds; nil if the container does not say.
    var frameSeconds: Double? {
        let stamp = frame.pointee.pts
        guard stamp != CFF_NO_TIMESTAMP, timeBase.num > 0, timeBase.den > 0 else { return nil }
        return Double(stamp) * Double(timeBase.num) / Double(timeBase.den)
    }

    /// Goes to `seconds` of the stream's own clock, or to the nearest place before from which it can be decoded; false
    /// if the container cannot.
    func seek(to seconds: Double) -> Bool {
        guard timeBase.num > 0, timeBase.den > 0 else { return false }
        let stamp = Int64((seconds * Double(timeBase.den) / Double(timeBase.num)).rounded(.down))
        let result = ffmpeg.av_seek_frame(input.context, Int32(streamIndex), stamp, AVSEEK_FLAG_BACKWARD)
        guard result >= 0 else { return false }
        ffmpeg.avcodec_flush_buffers(codec)
        unansweredSeconds = nil
        return true
    }

    /// Whether nothing is sent while nobody speaks, so that there may be a hole behind every frame.
    var mayFallSilent: Bool { SilentPackets.fallsSilent(codec.pointee.codec_id) }

    /// Bytes of the packets so far for each second that came of them.
    var bytesPerSecond: Double { given > 0 ? packetBytes / given : 0 }

    /// Whether nothing but its container tells the frames of the codec apart: FFmpeg decodes one of each packet.
    var needsFraming: Bool {
        [AV_CODEC_ID_SPEEX, AV_CODEC_ID_VORBIS, AV_CODEC_ID_AAC].contains { $0 == codec.pointee.codec_id }
    }

    /// FFmpeg's short name of the codec.
    var codecName: String { FFmpegLibrary.name(of: codec.pointee.codec_id) }

    /// Whether the codec keeps every bit.
    var isLossless: Bool {
        // WavPack knows a lossy mode as well, but is hardly ever used for it.
        if codec.pointee.codec_id == AV_CODEC_ID_WAVPACK { return true }
        guard let descriptor = ffmpeg.avcodec_descriptor_get(codec.pointee.codec_id) else { return false }
        let properties = descriptor.pointee.props
        return properties & AV_CODEC_PROP_LOSSLESS != 0 && properties & AV_CODEC_PROP_LOSSY == 0
    }

    /// Meaningful bits of a decoded sample; 0 if the codec does not say.
    var bitsPerRawSample: Int { Int(codec.pointee.bits_per_raw_sample) }

    /// The next frame, failure or the end.
    func next() -> Step {
        while !isFinished {
            let received = ffmpeg.avcodec_receive_frame(codec, frame)
            if received >= 0 {
                guard frame.pointee.nb_samples > 0 else { continue }
                noteAnswer()
                given += Double(frame.pointee.nb_samples) / Double(max(1, frame.pointee.sample_rate))
                return .frame(frame)
            }
            if received == CFF_ERROR_EOF {
                isFinished = true
                break
            }
            if received != cff_averror(EAGAIN) {
                if isDraining { isFinished = true }
                defer { unansweredSeconds = nil }
                note(refusal: received)
                return .damaged(seconds: unansweredSeconds)
            }
            if isDraining {
                // A decoder that asks for more after the end has none to give.
                isFinished = true
                break
            }
            if let failure = feed() { return failure }
        }
        return .end
    }

    /// Hands the next packet to the decoder; a step only if the packet is refused.
    private func feed() -> Step? {
        guard readPacket() else {
            isDraining = true
            _ = ffmpeg.avcodec_send_packet(codec, nil)
            return nil
        }
        defer { ffmpeg.av_packet_unref(packet) }
        if isCutFrame() { sawCutPacket = true }
        let seconds = packetSeconds()
        guard !SilentPackets.isSilent(packet, of: codec.pointee.codec_id) else { return .silent(seconds: seconds) }
        let sent = ffmpeg.avcodec_send_packet(codec, packet)
        guard sent >= 0 else {
            note(refusal: sent)
            return .damaged(seconds: seconds)
        }
        packetBytes += Double(packet.pointee.size)
        defer { unansweredSeconds = seconds }
        // One packet, one frame: a packet that was taken without an answer is lost like one that was refused.
        guard let lost = unansweredSeconds, isOneToOne else { return nil }
        return SilentPackets.mayBeUnanswered(codec.pointee.codec_id) ? .silent(seconds: lost) : .damaged(seconds: lost)
    }

    private func note(refusal code: Int32) {
        refusals.all += 1
        if StreamDecoder.isUnsupported(code) { refusals.unsupported += 1 }
    }

    private func noteAnswer() {
        guard let seconds = unansweredSeconds else { return }
        unansweredSeconds = nil
        let frameSeconds = Double(frame.pointee.nb_samples) / Double(max(1, frame.pointee.sample_rate))
        isOneToOne = (frameSeconds - seconds).magnitude <= StreamDecoder.durationTolerance * seconds
    }

    /// Reads the next packet of the stream; false at the end.
    private func readPacket() -> Bool {
        var failures = 0
        while failures < StreamDecoder.maximumReadFailures {
            let result = ffmpeg.av_read_frame(input.context, packet)
            if result == CFF_ERROR_EOF { return false }
            if result < 0 {
                if input.readError != 0 { return false }
                failures += 1
                continue
            }
            if Int(packet.pointee.stream_index) == streamIndex, followCodec() {
                hasPackets = true
                return true
            }
            ffmpeg.av_packet_unref(packet)
            if failure != nil { return false }
            // Demuxers may announce further streams while reading; those are not wanted either.
            input.keepOnly(streamIndex)
        }
        return false
    }

    /// Opens another decoder where packets showed that the stream is of another codec than its header says, such as DTS
    /// that is declared as PCM; false if there is none.
    private func followCodec() -> Bool {
        guard let parameters = input.stream(streamIndex)?.pointee.codecpar,
            parameters.pointee.codec_id != codec.pointee.codec_id
        else { return true }
        do throws(MediaError) {
            let other = try StreamDecoder.open(
                parameters, timeBase: timeBase, isTrusted: isTrusted, path: path)
            var freed: UnsafeMutablePointer<AVCodecContext>? = codec
            ffmpeg.avcodec_free_context(&freed)
            codec = other
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// Whether the frame of a raw stream claims more bytes than there are.
    private func isCutFrame() -> Bool {
        guard let length = frameLength() else { return false }
        return length > Int(packet.pointee.size)
    }

    private func frameLength() -> Int? {
        guard let rawStream, let data = packet.pointee.data, packet.pointee.size >= 8 else { return nil }
        let header = [UInt8](UnsafeBufferPointer(start: data, count: 8))
        return MPEGAudioSync.frameLength(of: rawStream, in: header, at: 0)
    }

    private func packetSeconds() -> Double? {
        // Junk between the frames of a raw stream has no duration of its own.
        if rawStream != nil && frameLength() == nil { return nil }
        guard packet.pointee.duration > 0, timeBase.num > 0, timeBase.den > 0 else { return nil }
        return Double(packet.pointee.duration) * Double(timeBase.num) / Double(timeBase.den)
    }
}
