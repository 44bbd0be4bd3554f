import CEarmark
import EarmarkC
import EarmarkMark
import EarmarkTestSupport

/// An embedder made through earmark.h, freed with this object.
final class CEmbedder {
    struct Refused: Error { let status: earmark_status }
    let pointer: OpaquePointer?

    static func config(
        rate: Double = 16_000, channels: UInt32 = 1, strength: earmark_strength = EARMARK_STANDARD,
        time: Double = 100, revocations: UnsafePointer<CChar>? = nil, role: earmark_role = EARMARK_PLAYOUT
    ) -> earmark_config {
        earmark_config(
            size: MemoryLayout<earmark_config>.size, sample_rate: rate, channels: channels, strength: strength,
            time: time, revocations: revocations, role: role)
    }

    /// Status of a creation from bytes; what it made is freed, and what it did not make must be null.
    static func status(_ ticket: [UInt8], _ config: earmark_config) -> earmark_status {
        var config = config
        var made = OpaquePointer(bitPattern: 8)
        let status = earmark_create(&made, ticket, ticket.count, &config)
        if (made == nil) == (status == EARMARK_OK) { return EARMARK_INVALID_ARGUMENT }
        earmark_destroy(made)
        return status
    }

    init(client: Int = 1, _ config: earmark_config = CEmbedder.config()) throws {
        var config = config
        var made: OpaquePointer?
        let bytes = try TestTickets.ticket(client: client).serialized()
        let status = earmark_create(&made, bytes, bytes.count, &config)
        guard status == EARMARK_OK else { throw Refused(status: status) }
        pointer = made
    }
    deinit { earmark_destroy(pointer) }
}
