public import CEarmark
internal import EarmarkLive
internal import EarmarkMark

// What earmark.h declares. An `earmark_embedder` is the memory of a LiveEmbedder.

private typealias Instance = UnsafeMutablePointer<LiveEmbedder>

private func instance(_ embedder: OpaquePointer?) -> Instance? {
    unsafe embedder.map { unsafe Instance($0) }
}

private func status(_ error: LiveError) -> earmark_status { earmark_status(rawValue: UInt32(error.rawValue)) }

/// The version of the library.
@c(earmark_version) @implementation
public func earmark_version() -> UnsafePointer<CChar>? { unsafe text("0.1.0") }

/// What a status means.
@c(earmark_status_message) @implementation
public func earmark_status_message(_ status: earmark_status) -> UnsafePointer<CChar>? {
    if status == EARMARK_OK { return unsafe text("no error") }
    guard let error = LiveError(rawValue: Int32(truncatingIfNeeded: status.rawValue)) else {
        return unsafe text("unknown status")
    }
    return unsafe text(error.message)
}

private func text(_ text: StaticString) -> UnsafePointer<CChar>? {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// Makes an embedder from bytes.
@c(earmark_create) @implementation
public func earmark_create(
    _ embedder: UnsafeMutablePointer<OpaquePointer?>?, _ ticket: UnsafeRawPointer?, _ size: Int,
    _ config: UnsafePointer<earmark_config>?
) -> earmark_status {
    unsafe embedder?.pointee = nil
    guard let embedder = unsafe embedder, let ticket = unsafe ticket, let config = unsafe config, size >= 0 else {
        return EARMARK_INVALID_ARGUMENT
    }
    // Longer is no ticket; how much longer does not matter.
    let length = min(size, Ticket.maximumByteCount + 1)
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: ticket, count: length))
    do throws(LiveError) {
        return try unsafe create(embedder, Ticket(live: bytes), config)
    } catch {
        return status(error)
    }
}

/// Makes an embedder from a file.
@c(earmark_create_from_file) @implementation
public func earmark_create_from_file(
    _ embedder: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?,
    _ config: UnsafePointer<earmark_config>?
) -> earmark_status {
    unsafe embedder?.pointee = nil
    guard let embedder = unsafe embedder, let path = unsafe path, let config = unsafe config else {
        return EARMARK_INVALID_ARGUMENT
    }
    do throws(LiveError) {
        return try unsafe create(embedder, Ticket(contentsOfFile: path), config)
    } catch {
        return status(error)
    }
}

private func create(
    _ embedder: UnsafeMutablePointer<OpaquePointer?>, _ ticket: Ticket, _ config: UnsafePointer<earmark_config>
) throws(LiveError) -> earmark_status {
    // Later versions may add members at the end; what is shorter than this one is no configuration.
    guard unsafe config.pointee.size >= MemoryLayout<earmark_config>.size,
        let strength = unsafe strength(config.pointee.strength), let role = unsafe role(config.pointee.role)
    else { throw .invalidArgument }
    guard let channels = unsafe Int(exactly: config.pointee.channels) else { throw .unsupportedFormat }
    var revocations: RevocationList?
    if let path = unsafe config.pointee.revocations {
        revocations = try unsafe RevocationList(contentsOfFile: path)
    }
    let time = unsafe config.pointee.time
    let live = try unsafe LiveEmbedder(
        ticket: ticket,
        parameters: .init(sampleRate: config.pointee.sample_rate, channels: channels, strength: strength, role: role),
        position: time == wallClock ? .clock(WallClock.now) : .meeting(time), revocations: revocations)
    let made = Instance.allocate(capacity: 1)
    unsafe made.initialize(to: live)
    unsafe embedder.pointee = OpaquePointer(made)
    return EARMARK_OK
}

/// EARMARK_WALL_CLOCK, whose macro is not imported.
private let wallClock = -1e300

private func strength(_ strength: earmark_strength) -> Strength? {
    switch strength {
    case EARMARK_STANDARD: .standard
    case EARMARK_TRANSPARENT: .transparent
    case EARMARK_ROBUST: .robust
    default: nil
    }
}

private func role(_ role: earmark_role) -> MarkRole? { MarkRole(rawValue: Int32(truncatingIfNeeded: role.rawValue)) }

/// Frees an embedder.
@c(earmark_destroy) @implementation
public func earmark_destroy(_ embedder: OpaquePointer?) {
    unsafe instance(embedder)?.deinitialize(count: 1).deallocate()
}

/// Sets the meeting's time.
@c(earmark_set_time) @implementation
public func earmark_set_time(_ embedder: OpaquePointer?, _ seconds: Double) -> earmark_status {
    unsafe setPosition(embedder, .meeting(seconds))
}

/// Sets the meeting's time by a clock.
@c(earmark_set_clock) @implementation
public func earmark_set_clock(_ embedder: OpaquePointer?, _ unix_seconds: Double) -> earmark_status {
    unsafe setPosition(embedder, .clock(unix_seconds))
}

private func setPosition(_ embedder: OpaquePointer?, _ position: LiveEmbedder.Position) -> earmark_status {
    guard let instance = unsafe instance(embedder) else { return EARMARK_INVALID_ARGUMENT }
    do throws(LiveError) {
        try unsafe instance.pointee.setPosition(position)
        return EARMARK_OK
    } catch {
        return status(error)
    }
}

/// The meeting's time.
@c(earmark_get_time) @implementation
public func earmark_get_time(_ embedder: OpaquePointer?) -> Double {
    guard let instance = unsafe instance(embedder) else { return 0 }
    return unsafe instance.pointee.time
}

/// Delay of the host, none.
@c(earmark_get_latency) @implementation
public func earmark_get_latency(_ embedder: OpaquePointer?) -> UInt32 { 0 }

/// Strength of the mark.
@c(earmark_get_strength) @implementation
public func earmark_get_strength(_ embedder: OpaquePointer?) -> earmark_strength {
    guard let instance = unsafe instance(embedder) else { return EARMARK_STANDARD }
    switch unsafe instance.pointee.parameters.strength {
    case .standard: return EARMARK_STANDARD
    case .transparent: return EARMARK_TRANSPARENT
    case .robust: return EARMARK_ROBUST
    }
}

/// What became of the frames.
@c(earmark_get_counters) @implementation
public func earmark_get_counters(
    _ embedder: OpaquePointer?, _ counters: UnsafeMutablePointer<earmark_counters>?
) -> earmark_status {
    guard let instance = unsafe instance(embedder), let counters = unsafe counters else {
        return EARMARK_INVALID_ARGUMENT
    }
    let counts = unsafe instance.pointee.counters
    let rate = unsafe instance.pointee.parameters.sampleRate
    unsafe counters.pointee = earmark_counters(
        frames: UInt64(counts.frames), frames_marked: UInt64(counts.framesMarked),
        frames_silent: UInt64(counts.framesSilent), seconds: Double(counts.frames) / rate,
        seconds_marked: Double(counts.framesMarked) / rate)
    return EARMARK_OK
}

/// What the ticket is for.
@c(earmark_get_ticket_info) @implementation
public func earmark_get_ticket_info(
    _ embedder: OpaquePointer?, _ info: UnsafeMutablePointer<earmark_ticket_info>?
) -> earmark_status {
    guard let instance = unsafe instance(embedder), let info = unsafe info else { return EARMARK_INVALID_ARGUMENT }
    unsafe info.pointee = earmark_ticket_info()
    unsafe copy(instance.pointee.ticket.meetingID, to: &info.pointee.meeting)
    unsafe copy(instance.pointee.ticket.clientID, to: &info.pointee.client)
    unsafe info.pointee.meeting_start = instance.pointee.ticket.meetingStart
    unsafe info.pointee.not_before = instance.pointee.ticket.notBefore
    unsafe info.pointee.not_after = instance.pointee.ticket.notAfter
    return EARMARK_OK
}

/// Copies a text that is shorter than `field`, whose rest is zeros.
private func copy<Field>(_ text: String, to field: inout Field) {
    unsafe withUnsafeMutableBytes(of: &field) { bytes in
        for (index, byte) in text.utf8.prefix(bytes.count - 1).enumerated() { unsafe bytes[index] = byte }
    }
}
