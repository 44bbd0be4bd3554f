internal import CZlib

/// Unpacks what zlib packed (RFC 1950), within a bound: a few bytes may stand for gigabytes.
enum Inflate {
    /// The content of `packed`, whatever follows it; nil if it is damaged, or has more than `limit` bytes.
    static func unpack(_ packed: [UInt8], atMost limit: Int) -> [UInt8]? {
        var status = Z_OK
        // Where there is no room at all, zlib takes whatever comes for nothing. Pages that nothing is written to take
        // no memory, whatever the limit is.
        let content = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
            var (written, read) = (uLongf(limit + 1), uLong(packed.count))
            status = uncompress2(buffer.baseAddress, &written, packed, &read)
            count = status == Z_OK ? Int(written) : 0
        }
        return status == Z_OK && content.count <= limit ? content : nil
    }
}
