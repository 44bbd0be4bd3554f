internal import Foundation
import Glibc

/// A decoder process and the socket to it; the process ends with this object.
///
/// One thread at a time may use it.
final class WorkerLink {
    private let worker: DecoderWorker
    private let channel: WorkerChannel
    let decoder: DecoderWorker.Decoder
    let path: String
    /// Whether the decoder ended amid work.
    private(set) var isOver = false

    /// Starts a decoder for the open file of `source`.
    ///
    /// - Throws: `MediaError` `unreadable` if there is none to be had.
    init(_ worker: DecoderWorker, _ source: ByteSource) throws(MediaError) {
        var channel: WorkerChannel
        do throws(SystemError) {
            let ends = try ChildProcess.socketPair()
            defer { close(ends.theirs) }
            channel = WorkerChannel(descriptor: ends.ours)
            do throws(SystemError) {
                decoder = try worker.start(socket: ends.theirs, file: source.descriptor)
            } catch {
                close(ends.ours)
                throw error
            }
        } catch {
            throw WorkerLink.cannotStart(error.code, source.path)
        }
        channel.setPatience(seconds: worker.longestSilence)
        self.channel = channel
        path = source.path
        self.worker = worker
    }

    deinit {
        close(channel.descriptor)
        if !isOver { _ = worker.end(decoder) }
    }

    /// Runs `work` on the socket; if the decoder is gone, says why.
    func use<Result>(_ work: (WorkerChannel) throws -> Result) throws -> Result {
        do {
            return try work(channel)
        } catch let end as WorkerChannel.Closed {
            isOver = true
            if end.isSilent {
                // It is killed for it.
                _ = worker.end(decoder)
                throw endless
            }
            throw verdict(worker.end(decoder))
        }
    }

    private static func cannotStart(_ code: Int32, _ path: String) -> MediaError {
        if code == -DecoderServer.Order.Outcome.cannotConfine {
            return MediaError(
                .unreadable,
                "the process that decodes it cannot be started: this system cannot confine it (seccomp); set "
                    + "EARMARK_DECODER=unconfined to do without.", path: path, cause: .machine)
        }
        if code == -DecoderServer.Order.Outcome.lacksFFmpeg { return FFmpegLibrary.missing(path) }
        return MediaError(
            .unreadable, "the process that decodes it cannot be started: \(systemMessage(code)).", path: path,
            cause: .machine)
    }

    /// What an end amid work says of the file; nil is an end of the server, too.
    private func verdict(_ status: Int32?) -> MediaError {
        guard let status, status != DecoderServer.Order.Outcome.isUnknown else { return WorkerLink.killed(path) }
        if status == DecoderServer.Order.Outcome.wasKilled { return endless }
        let signal = status & 0x7F
        switch signal {
        case 0:
            // Whatever it ends with may be the file's doing: it is no reason for advice.
            return MediaError(
                .unreadable, "the process that decodes it ended: status \(status >> 8 & 0xFF).", path: path)
        case SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2: return WorkerLink.killed(path)
        case SIGXCPU: return endless
        default:
            return MediaError(
                .corrupt,
                "makes the decoder crash (\(String(cString: strsignal(signal)))): the content is damaged, or made to "
                    + "attack decoders.", path: path)
        }
    }

    private var endless: MediaError {
        MediaError(.corrupt, "decoding does not end: the content is made to keep decoders busy.", path: path)
    }

    private static func killed(_ path: String) -> MediaError {
        MediaError(
            .unreadable, "the process that decodes it was killed; if nobody did, memory ran out.", path: path,
            cause: .killer)
    }
}
