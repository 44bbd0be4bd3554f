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
            /// A decoder for the socket and the file that come with the order; answered by its process or minus an errno.
            case start = 1
            /// To end `process`; answered by its status.
            case end
        }

        var kind: Int32
        var process: Int32 = 0
    }

    /// Looks at a process that has to end, until it is killed: two seconds.
    private static let patience = 10_000
    /// Between two looks, microseconds.
    private static let interval: UInt32 = 200

    /// Serves the program whose stream socket is descriptor 0 until it hangs up; returns the exit status.
    ///
    /// Call it before anything else: the process may have one thread only. `mayBeUnconfined` lets decoders go on where the
    /// system has no filters for what they may ask of it (seccomp).
    public static func run(mayBeUnconfined: Bool) -> Int32 {
        // Else lists of processes show the link that it was started by.
        _ = cprocess_set_name("earmark-decoder")
        // What JSON needs is set up on first use, once for all decoders.
        _ = try? JSONDecoder().decode(WorkerOrder.self, from: JSONEncoder().encode(WorkerOrder.open(path: "")))
        while true {
            var order = Order(kind: 0)
            var socket: Int32 = -1
            var file: Int32 = -1
            let size = MemoryLayout<Order>.size
            guard cprocess_receive(controlDescriptor, &order, size, &socket, &file) == 0 else { return EX_OK }
            var answer: Int32
            switch Order.Kind(rawValue: order.kind) {
            case .start:
                answer = cprocess_fork()
                if answer == 0 { return decode(socket: socket, file: file, mayBeUnconfined: mayBeUnconfined) }
                if answer < 0 { answer = -errno }
            case .end: answer = outlive(order.process)
            case nil: return EX_PROTOCOL
            }
            for descriptor in [socket, file] where descriptor >= 0 { close(descriptor) }
            guard cprocess_send(controlDescriptor, &answer, MemoryLayout<Int32>.size, -1, -1) == 0 else { return EX_OK }
        }
    }

    private static func decode(socket: Int32, file: Int32, mayBeUnconfined: Bool) -> Int32 {
        dup2(socket, controlDescriptor)
        dup2(file, fileDescriptor)
        closefrom(fileDescriptor + 1)
        return DecoderProcess.run(
            WorkerChannel(descriptor: controlDescriptor), file: fileDescriptor, mayBeUnconfined: mayBeUnconfined)
    }

    /// The status of a child that has nobody to work for any more: it is about to end by itself, and its status says why.
    static func outlive(_ process: Int32) -> Int32 {
        var status: Int32 = 0
        for _ in 0..<patience {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            if ended < 0, errno != EINTR { return 0 }
            usleep(interval)
        }
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
        return status
    }
}

/// A process that decodes one recording and can do nothing else.
enum DecoderProcess {
    /// Address space, bytes: libraries and the longest index of a file of 500 MB take less than one GB.
    private static let addressSpace: UInt64 = 4 << 30
    /// Longest life, seconds of processor time: to decode the longest file of 500 MB (8 kbit/s, 140 hours) takes some 500.
    private static let processorSeconds: UInt64 = 3_600

    /// Gives up, for good, all rights but computing, and reading and writing what is open.
    ///
    /// False if the system cannot confine it; limits hold all the same.
    private static func confine() -> Bool {
        // Neither audio in core files, nor a look into this process.
        _ = cprocess_forbid_dumps()
        _ = cprocess_limit(Int32(RLIMIT_CORE.rawValue), 0)
        _ = cprocess_limit(Int32(RLIMIT_FSIZE.rawValue), 0)
        _ = cprocess_limit(Int32(RLIMIT_AS.rawValue), addressSpace)
        _ = cprocess_limit(Int32(RLIMIT_CPU.rawValue), processorSeconds)
        return cprocess_confine() == 0
    }

    /// Obeys the program at the other end until it hangs up; returns the exit status, `EX_OSERR` if not confined.
    static func run(_ channel: WorkerChannel, file: Int32, mayBeUnconfined: Bool) -> Int32 {
        var status = stat()
        guard fstat(file, &status) == 0 else { return EX_IOERR }
        guard confine() || mayBeUnconfined else { return EX_OSERR }
        var recording: LocalRecording?
        do {
            while true {
                let head = try channel.receiveHead()
                guard head.kind == WorkerMessage.Kind.order.rawValue, head.count <= WorkerMessage.longestText else {
                    return EX_PROTOCOL
                }
                let order = try JSONDecoder().decode(
                    WorkerOrder.self, from: Data(try channel.receiveBytes(head.count)))
                try obey(order, file, size: Int64(status.st_size), &recording, channel)
            }
        } catch is WorkerChannel.Closed {
            return EX_OK
        } catch {
            return EX_PROTOCOL
        }
    }

    private static func obey(
        _ order: WorkerOrder, _ file: Int32, size: Int64, _ recording: inout LocalRecording?,
        _ channel: WorkerChannel
    ) throws {
        do {
            switch order {
            case .open(let path):
                let opened = try LocalRecording(ByteSource(descriptor: file, size: size, path: path))
                recording = opened
                try channel.send(.opened, json: opened.file)
            case .decode(let track, let sampleRate):
                guard let recording else { throw MediaError(.outOfRange, "was not opened.", path: "") }
                let summary = try recording.decode(track: track, sampleRate: sampleRate) { block in
                    try deliver(block, channel)
                }
                try channel.send(.summary, json: summary)
            }
        } catch let error as MediaError {
            try channel.send(.failure, json: WorkerFailure(code: error.code, message: error.message))
        }
    }

    private static func deliver(_ block: borrowing PlanarBlock, _ channel: WorkerChannel) throws {
        let channels = UInt32(block.channelCount)
        let samples = block.channelCount * block.frameCount * MemoryLayout<Float>.stride
        try channel.sendHead(.block, count: MemoryLayout<UInt32>.size + samples)
        try withUnsafeBytes(of: channels) { try channel.sendAll($0) }
        for index in 0..<block.channelCount {
            try channel.sendAll(UnsafeRawBufferPointer(block[channel: index]))
        }
    }
}
