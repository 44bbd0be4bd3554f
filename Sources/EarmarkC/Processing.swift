public import CEarmark
internal import EarmarkLive
internal import EarmarkMark

/// Marks interleaved floats.
@c(earmark_process_float) @implementation
public func earmark_process_float(
    _ embedder: OpaquePointer?, _ samples: UnsafeMutablePointer<Float>?, _ frames: Int
) -> earmark_status {
    guard let live = unsafe live(embedder, frames) else { return EARMARK_INVALID_ARGUMENT }
    if frames == 0 { return EARMARK_OK }
    guard let samples = unsafe samples else { return EARMARK_INVALID_ARGUMENT }
    let count = unsafe frames * live.pointee.parameters.channels
    unsafe live.pointee.process(interleaved: .init(start: samples, count: count), frames: frames)
    return EARMARK_OK
}

/// Marks planar floats.
@c(earmark_process_float_planar) @implementation
public func earmark_process_float_planar(
    _ embedder: OpaquePointer?, _ planes: UnsafePointer<UnsafeMutablePointer<Float>?>?, _ frames: Int
) -> earmark_status {
    guard let live = unsafe live(embedder, frames) else { return EARMARK_INVALID_ARGUMENT }
    if frames == 0 { return EARMARK_OK }
    guard let planes = unsafe whole(planes, live) else { return EARMARK_INVALID_ARGUMENT }
    unsafe live.pointee.process(planes: planes, frames: frames)
    return EARMARK_OK
}

/// Marks interleaved 16-bit samples.
@c(earmark_process_s16) @implementation
public func earmark_process_s16(
    _ embedder: OpaquePointer?, _ samples: UnsafeMutablePointer<Int16>?, _ frames: Int
) -> earmark_status {
    guard let live = unsafe live(embedder, frames) else { return EARMARK_INVALID_ARGUMENT }
    if frames == 0 { return EARMARK_OK }
    guard let samples = unsafe samples else { return EARMARK_INVALID_ARGUMENT }
    unsafe live.pointee.process(interleaved: samples, frames: frames)
    return EARMARK_OK
}

/// Marks planar 16-bit samples.
@c(earmark_process_s16_planar) @implementation
public func earmark_process_s16_planar(
    _ embedder: OpaquePointer?, _ planes: UnsafePointer<UnsafeMutablePointer<Int16>?>?, _ frames: Int
) -> earmark_status {
    guard let live = unsafe live(embedder, frames) else { return EARMARK_INVALID_ARGUMENT }
    if frames == 0 { return EARMARK_OK }
    guard let planes = unsafe whole(planes, live) else { return EARMARK_INVALID_ARGUMENT }
    unsafe live.pointee.process(planes: planes, frames: frames)
    return EARMARK_OK
}

/// The embedder, if there is one and `frames` frames of any channel count fit into memory.
private func live(_ embedder: OpaquePointer?, _ frames: Int) -> UnsafeMutablePointer<LiveEmbedder>? {
    guard let embedder = unsafe embedder, frames >= 0, frames <= Int.max / 64 else { return nil }
    return unsafe UnsafeMutablePointer<LiveEmbedder>(embedder)
}

/// The planes, if none is missing.
private func whole<Sample>(
    _ planes: UnsafePointer<UnsafeMutablePointer<Sample>?>?, _ live: UnsafeMutablePointer<LiveEmbedder>
) -> UnsafePointer<UnsafeMutablePointer<Sample>>? {
    guard let planes = unsafe planes else { return nil }
    for channel in unsafe 0..<live.pointee.parameters.channels where unsafe planes[channel] == nil { return nil }
    // A pointer and an optional pointer have one layout.
    return unsafe UnsafeRawPointer(planes).assumingMemoryBound(to: UnsafeMutablePointer<Sample>.self)
}
