internal import CEarmarkSystem
public import EarmarkMark

/// What the plugins for media programs have in common: marks if there is a valid ticket, else passes audio on and says
/// so.
@safe public struct PluginEngine: ~Copyable {
    /// What a host's controls say.
    public struct Controls: Sendable {
        /// Seconds into the meeting, unless `followsClock`.
        public var time: Float
        /// Whether the meeting's time follows from the system's clock.
        public var followsClock: Bool
        /// 0 standard, 1 transparent, 2 robust.
        public var strength: Float

        /// Bundles the controls.
        public init(time: Float, followsClock: Bool, strength: Float) {
            self.time = time
            self.followsClock = followsClock
            self.strength = strength
        }

        fileprivate var dial: Strength {
            switch strength {
            case 0.5..<1.5: .transparent
            case 1.5...: .robust
            default: .standard
            }
        }
    }

    /// Longest path of a ticket, bytes.
    public static let longestPath = 4_096

    /// Why audio is not marked, or the last time refused; a `LiveError`'s number, 0 if all is well.
    public private(set) var status: Int32 = 0
    /// Whether `activate` was called.
    public private(set) var isActive = false

    private let channels: Int
    private let sampleRate: Double
    private let role: MarkRole
    private var embedder: UnsafeMutablePointer<LiveEmbedder>?
    private var lastTime: Float = 0

    /// A plugin of `channels` channels for audio of `role`.
    public init(channels: Int, sampleRate: Double, role: MarkRole) {
        self.channels = channels
        self.sampleRate = sampleRate
        self.role = role
        unsafe embedder = nil
    }

    deinit { unsafe embedder?.deinitialize(count: 1).deallocate() }

    /// Whether audio is marked.
    public var isMarking: Bool { unsafe embedder != nil }

    /// Seconds that carry the mark.
    public var markedSeconds: Double {
        guard let embedder = unsafe embedder else { return 0 }
        return unsafe Double(embedder.pointee.counters.framesMarked) / sampleRate
    }

    /// Makes the embedder for the ticket at `path`, or for the one that the environment names under `slot`.
    ///
    /// Says loudly on standard error if there is none. Not for the audio thread.
    public mutating func activate(_ controls: Controls, path: UnsafePointer<CChar>?, slot: Int32) {
        unsafe embedder?.deinitialize(count: 1).deallocate()
        unsafe embedder = nil
        isActive = true
        lastTime = controls.time
        do throws(LiveError) {
            unsafe embedder = try make(controls, path, slot)
            status = 0
        } catch {
            status = error.rawValue
            unsafe earmark_log_unmarked(
                UnsafeRawPointer(error.message.utf8Start).assumingMemoryBound(to: CChar.self))
        }
    }

    private func make(
        _ controls: Controls, _ path: UnsafePointer<CChar>?, _ slot: Int32
    ) throws(LiveError) -> UnsafeMutablePointer<LiveEmbedder> {
        let live = try unsafe LiveEmbedder(
            ticket: ticket(path, slot),
            parameters: .init(sampleRate: sampleRate, channels: channels, strength: controls.dial, role: role),
            position: controls.followsClock ? .clock(WallClock.now) : .meeting(Double(controls.time)),
            revocations: RevocationList.ofEnvironment())
        let made = UnsafeMutablePointer<LiveEmbedder>.allocate(capacity: 1)
        unsafe made.initialize(to: live)
        return unsafe made
    }

    private func ticket(_ path: UnsafePointer<CChar>?, _ slot: Int32) throws(LiveError) -> Ticket {
        if let path = unsafe path { return try unsafe Ticket(contentsOfFile: path) }
        var named = [CChar](repeating: 0, count: PluginEngine.longestPath)
        guard unsafe earmark_ticket_path(slot, &named, named.count) != 0 else { throw .ticketUnreadable }
        return try unsafe Ticket(contentsOfFile: named)
    }

    /// Marks `frames` frames in place, or leaves them as they are.
    ///
    /// A time control that moved is a new position; one where the ticket is not valid changes nothing.
    public mutating func process(
        _ planes: UnsafePointer<UnsafeMutablePointer<Float>>, frames: Int, _ controls: Controls
    ) {
        guard let embedder = unsafe embedder else { return }
        if controls.time != lastTime && !controls.followsClock {
            lastTime = controls.time
            do throws(LiveError) {
                try unsafe embedder.pointee.setPosition(.meeting(Double(controls.time)))
                status = 0
            } catch {
                status = error.rawValue
            }
        }
        unsafe embedder.pointee.process(planes: planes, frames: frames)
    }
}
