internal import CProcess
internal import Foundation
import Glibc

/// A process that decodes one recording and can do nothing else.
enum DecoderProcess {
    /// Address space, bytes: libraries take less than one GB.
    private static let addressSpace: UInt64 = 4 << 30
    /// Memory that can be written to, bytes, beside what the server had.
    ///
    /// The index of 16 hours of AAC, 2.7 million packets, takes 80 MB. With the features of as long a recording that
    /// makes less than 300 MB.
    private static let writableMemory: UInt64 = 120 << 20
    /// Longest life, seconds of processor time for each 500 MB of file begun: to decode the longest such file once
    /// (4.75 kbit/s, 234 hours) takes some 900, and it is decoded for every channel.
    private static let processorSeconds: UInt64 = 14_400
    /// From SIGXCPU, which says why, to SIGKILL, seconds.
    private static let processorMargin: UInt64 = 10

    /// Gives up, for good, all rights but computing, and reading and writing what is open.
    ///
    /// False if the system cannot confine it; limits hold all the same.
    private static func confine(byteCount: Int64) -> Bool {
        // Neither audio in core files, nor a look into this process.
        _ = cprocess_forbid_dumps()
        let seconds = processorSeconds * UInt64(WorkerMessage.sizeShare(byteCount).rounded(.up))
        _ = cprocess_limit(Int32(RLIMIT_CORE.rawValue), 0, 0)
        _ = cprocess_limit(Int32(RLIMIT_FSIZE.rawValue), 0, 0)
        _ = cprocess_limit(Int32(RLIMIT_AS.rawValue), addressSpace, addressSpace)
        if let present = writableMemoryInUse() {
            _ = cprocess_limit(Int32(RLIMIT_DATA.rawValue), present + writableMemory, present + writableMemory)
        }
        _ = cprocess_limit(Int32(RLIMIT_CPU.rawValue), seconds, seconds + processorMargin)
        // A process that never had capabilities has none to give up.
        _ = cprocess_drop_capabilities()
        return cprocess_confine() == 0
    }

    /// Bytes of memory that this process can write to, as RLIMIT_DATA counts them; nil if the system does not tell.
    private static func writableMemoryInUse() -> UInt64? {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        let fields = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return fields.count > 5 ? UInt64(fields[5]).map { $0 * UInt64(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    /// Whether this system can confine a decoder; found out by a process that has seen nothing, and ends.
    static func canConfine() -> Bool {
        let probe = cprocess_fork()
        guard probe >= 0 else { return false }
        if probe == 0 { _exit(cprocess_confine() == 0 ? EX_OK : EX_OSERR) }
        var status: Int32 = 0
        while waitpid(probe, &status, 0) < 0 { guard errno == EINTR else { return false } }
        return status == 0
    }

    /// Obeys the program at the other end until it hangs up; returns the exit status, `EX_OSERR` if not confined.
    static func run(_ channel: WorkerChannel, file: Int32, mayBeUnconfined: Bool) -> Int32 {
        var status = stat()
        guard fstat(file, &status) == 0 else { return EX_IOERR }
        guard confine(byteCount: Int64(status.st_size)) || mayBeUnconfined else { return EX_OSERR }
        var recording: LocalRecording?
        do {
            while true {
                let head = try channel.receiveHead()
                guard head.kind == WorkerMessage.Kind.order.rawValue, head.count <= WorkerMessage.longestText else {
                    return EX_PROTOCOL
                }
                let order = try JSONDecoder().decode(
                    WorkerOrder.self, from: Data(try channel.receiveBytes(Int(head.count))))
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
            case .decode(let track, let sampleRate, let first, let count, let stretch):
                guard let recording else { throw MediaError(.outOfRange, "was not opened.", path: "") }
                var sender = BlockSender(channel)
                guard RecordingDecoder.channels.contains(first), RecordingDecoder.channels.contains(count - 1) else {
                    throw MediaError(.outOfRange, "has no such channels.", path: "")
                }
                let summary = try recording.decode(
                    track: track, sampleRate: sampleRate, channels: first..<first + count, stretch: stretch
                ) { try sender.append($0) }
                try sender.flush()
                try channel.send(.summary, json: summary)
            }
        } catch let error as MediaError {
            try channel.send(.failure, json: WorkerFailure(code: error.code, message: error.message))
        }
    }
}

/// Joins blocks, which are as short as packets, to longer ones: a message costs the same whatever its length.
private struct BlockSender: ~Copyable {
    /// Frames of a message: half a second at 16 kHz, 32 kB for each channel.
    private static let frames = 8_192

    private let channel: WorkerChannel
    /// Room for a head and the samples of all channels.
    private var message = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)
    private var channels = 0
    private var count = 0

    init(_ channel: WorkerChannel) { self.channel = channel }

    deinit { message.deallocate() }

    mutating func append(_ block: borrowing PlanarBlock) throws {
        if block.channelCount != channels {
            try flush()
            channels = block.channelCount
            message.deallocate()
            message = .allocate(byteCount: BlockSender.headBytes + channels * BlockSender.planeBytes, alignment: 16)
        }
        var start = 0
        while start < block.frameCount {
            let piece = min(block.frameCount - start, BlockSender.frames - count)
            for index in 0..<channels {
                let samples = UnsafeRawBufferPointer(
                    UnsafeBufferPointer(rebasing: block[channel: index][start..<start + piece]))
                let place = BlockSender.headBytes + index * BlockSender.planeBytes + count * MemoryLayout<Float>.stride
                UnsafeMutableRawBufferPointer(rebasing: message[place...]).copyMemory(from: samples)
            }
            start += piece
            count += piece
            if count == BlockSender.frames { try flush() }
        }
    }

    /// Sends what has come together.
    mutating func flush() throws {
        guard count > 0 else { return }
        let plane = count * MemoryLayout<Float>.stride
        // A message that is not full has its channels moved together.
        for index in 1..<max(1, channels) where count < BlockSender.frames {
            let from = BlockSender.headBytes + index * BlockSender.planeBytes
            let to = BlockSender.headBytes + index * plane
            UnsafeMutableRawBufferPointer(rebasing: message[to..<to + plane]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: message[from..<from + plane]))
        }
        let head = WorkerMessage.Head(
            kind: WorkerMessage.Kind.block.rawValue, count: UInt32(channels * plane), channels: UInt32(channels))
        message.storeBytes(of: head, as: WorkerMessage.Head.self)
        try channel.sendAll(UnsafeRawBufferPointer(rebasing: message[..<(BlockSender.headBytes + channels * plane)]))
        count = 0
    }

    private static let headBytes = MemoryLayout<WorkerMessage.Head>.size
    private static let planeBytes = frames * MemoryLayout<Float>.stride
}
