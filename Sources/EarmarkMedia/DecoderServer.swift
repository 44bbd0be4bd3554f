internal import CProcess
internal import Foundation
import Glibc

/// The process that is asked for decoders: it forks one for each recording.
///
/// It has the libraries loaded, which takes longer than to decode a short recording, and never sees a byte of one.
public enum DecoderServer {
    /// Where a server finds the socket to the program that started it.
    static let controlDescriptor: Int32 = 0
    /// Where a decoder finds its recording; its own socket takes the place of the server's.
    private static let fileDescriptor: Int32 = 3

    /// What a program asks.
    struct Order {
        enum Kind: Int32 {
            /// A decoder for the socket and the file that come with the order; answered by its process or minus an
            /// errno.
            case start = 1
            /// To end `process`; answered by its status or by one of `Outcome`.
            case end
        }

        /// Answers that are no status.
        enum Outcome {
            /// It did not end by itself.
            static let wasKilled: Int32 = -1
            /// It is no process of this server's.
            static let isUnknown: Int32 = -2
            /// This system has no filters to confine a decoder with: the server's own word, before there is a decoder.
            static let cannotConfine: Int32 = -100_000
            /// FFmpeg cannot be loaded; the server's own word, too.
            static let lacksFFmpeg: Int32 = -100_001
        }

        var kind: Int32
        var process: Int32 = 0
    }

    /// Looks at a process that has to end, until it is killed: half a second and more.
    private static let patience = 2_500
    /// Between two looks, microseconds.
    private static let interval: UInt32 = 200

    /// Serves the program whose stream socket is descriptor 0 until it hangs up; returns the exit status.
    ///
    /// Call it before anything else: the process may have one thread only. `mayBeUnconfined` lets decoders go on where
    /// the system has no filters for what they may ask of it (seccomp).
    public static func run(mayBeUnconfined: Bool) -> Int32 {
        // Else lists of processes show the link that it was started by.
        _ = cprocess_set_name("earmark-decoder")
        ChildProcess.outliveStops()
        // What JSON needs is set up on first use, once for all decoders.
        _ = try? JSONDecoder().decode(WorkerOrder.self, from: JSONEncoder().encode(WorkerOrder.open(path: "")))
        // Loaded once for all decoders, none of which may open a file.
        let refusal: Int32? =
            if !FFmpegLibrary.isThere {
                Order.Outcome.lacksFFmpeg
            } else if mayBeUnconfined || DecoderProcess.canConfine() {
                nil
            } else {
                Order.Outcome.cannotConfine
            }
        while true {
            var order = Order(kind: 0)
            var socket: Int32 = -1
            var file: Int32 = -1
            let size = MemoryLayout<Order>.size
            guard cprocess_receive(controlDescriptor, &order, size, &socket, &file) == 0 else { return EX_OK }
            var answer: Int32
            switch Order.Kind(rawValue: order.kind) {
            case .start:
                let server = getpid()
                if let refusal {
                    answer = refusal
                    break
                }
                answer = socket >= 0 && file >= 0 ? cprocess_fork() : -1
                if answer == 0 {
                    return decode(socket: socket, file: file, server: server, mayBeUnconfined: mayBeUnconfined)
                }
                if answer < 0 { answer = socket >= 0 && file >= 0 ? -errno : -EBADF }
            case .end: answer = outlive(order.process)
            case nil: return EX_PROTOCOL
            }
            for descriptor in [socket, file] where descriptor >= 0 { close(descriptor) }
            guard cprocess_send(controlDescriptor, &answer, MemoryLayout<Int32>.size, -1, -1) == 0 else { return EX_OK }
        }
    }

    private static func decode(socket: Int32, file: Int32, server: pid_t, mayBeUnconfined: Bool) -> Int32 {
        // A decoder that ignores the end of its program must not live on.
        guard cprocess_die_with_parent(SIGKILL) == 0, getppid() == server,
            dup2(socket, controlDescriptor) >= 0, dup2(file, fileDescriptor) >= 0
        else { return EX_IOERR }
        closefrom(fileDescriptor + 1)
        return DecoderProcess.run(
            WorkerChannel(descriptor: controlDescriptor), file: fileDescriptor, mayBeUnconfined: mayBeUnconfined)
    }

    /// The status of a child that has nobody to work for any more, or one of `Outcome`.
    ///
    /// It is about to end by itself, and its status says why.
    static func outlive(_ process: Int32) -> Int32 {
        var status: Int32 = 0
        for _ in 0..<patience {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            if ended < 0, errno != EINTR { return Order.Outcome.isUnknown }
            usleep(interval)
        }
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
        return Order.Outcome.wasKilled
    }
}
