/// Indices that QuickTime packed (`cmov`).
extension MP4Layout {
    /// Bytes of an index at most that is unpacked: two days of AAC have as many.
    private static let maximumIndex = 32 << 20

    /// Unpacks the index that is packed within another, behind the end of the file; where it is, nil if none is packed.
    ///
    /// FFmpeg unpacks such an index itself, and what is hidden from it or written anew would be lost: it sees the file
    /// with the unpacked index behind, and the packed one as nothing.
    mutating func unpackMovie(_ movie: Box, last: Box) throws(MediaError) -> Box? {
        let parts = children(of: movie)
        guard let packed = parts.first(where: { $0.type == "cmov" }) else { return nil }
        guard !parts.contains(where: { $0.type == "trak" }) else {
            unread.append("the index (moov) holds a packed one (cmov), at byte \(grouped(packed.typeOffset - 4))")
            return nil
        }
        let boxes = children(of: packed)
        guard let method = boxes.first(where: { $0.type == "dcom" }),
            let data = boxes.first(where: { $0.type == "cmvd" })
        else { throw damagedIndex }
        let name = source.bytes(at: method.body, count: 4).fourCC(at: 0)
        guard name == "zlib" else {
            throw MediaError(
                .unsupportedType,
                "QuickTime file with an index that is packed (cmov) in a way that is not read here "
                    + "(\(name?.description ?? "none")). Convert it: " + ConversionAdvice.command(for: source.path),
                path: source.path)
        }
        guard let claimed = source.bytes(at: data.body, count: 4).bigEndian32(at: 0), data.end - data.body >= 4 else {
            throw damagedIndex
        }
        guard claimed <= MP4Layout.maximumIndex, data.end - data.body <= MP4Layout.maximumIndex else {
            throw MediaError(
                .tooLarge,
                "its index, unpacked, has more than \(grouped(Int64(MP4Layout.maximumIndex))) bytes. Cut it, and "
                    + "analyse the parts.", path: source.path)
        }
        let bytes = source.bytes(at: data.body + 4, count: Int(data.end - data.body - 4))
        guard let index = Inflate.unpack(bytes, atMost: Int(claimed)), let reach = patches(reaching: last) else {
            throw damagedIndex
        }
        let start = source.size
        source = source.followed(by: index)
        patches += reach + [BytePatch(offset: movie.typeOffset, replacement: "free")]
        guard let inner = box(at: start, limit: source.size), inner.type == "moov", inner.end <= source.size else {
            throw damagedIndex
        }
        return inner
    }

    private var damagedIndex: MediaError {
        MediaError(.corrupt, "its index is packed (cmov), and cannot be unpacked.", path: source.path)
    }

    /// What makes the last box of the file end where the file does, whatever its head says; nil if nothing can.
    private func patches(reaching last: Box) -> [BytePatch]? {
        guard last.end != source.size || last.isOpen else { return [] }
        let offset = last.typeOffset - 4
        let length = UInt64(source.size - offset)
        guard last.body - offset == 8 else {
            return [
                BytePatch(offset: offset + 8, replacement: FourCC(rawValue: UInt32(length >> 32))),
                BytePatch(offset: offset + 12, replacement: FourCC(rawValue: UInt32(truncatingIfNeeded: length))),
            ]
        }
        guard length <= UInt32.max else { return nil }
        return [BytePatch(offset: offset, replacement: FourCC(rawValue: UInt32(length)))]
    }
}
