/// How samples lie in a byte stream, under FFmpeg's names.
public enum RawFormat: String, Sendable, CaseIterable {
    /// 32-bit floats.
    case f32le, f32be
    /// 64-bit floats.
    case f64le, f64be
    /// Signed integers of 16 bits.
    case s16le, s16be
    /// Signed integers of 24 bits, three bytes each.
    case s24le, s24be
    /// Signed integers of 32 bits.
    case s32le, s32be
    /// Integers of 8 bits, unsigned or signed.
    case u8, s8

    /// Bytes of a sample.
    public var byteCount: Int {
        switch self {
        case .u8, .s8: 1
        case .s16le, .s16be: 2
        case .s24le, .s24be: 3
        case .f32le, .f32be, .s32le, .s32be: 4
        case .f64le, .f64be: 8
        }
    }

    /// Bits of an integer sample; nil for floats.
    var integerBits: Int? {
        switch self {
        case .f32le, .f32be, .f64le, .f64be: nil
        default: 8 * byteCount
        }
    }

    private var isBigEndian: Bool {
        switch self {
        case .f32be, .f64be, .s16be, .s24be, .s32be: true
        default: false
        }
    }

    /// The bits of the sample at `bytes`, as an unsigned number.
    private func load(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        var bits: UInt64 = 0
        for index in 0..<byteCount {
            let byte = bytes[isBigEndian ? index : byteCount - 1 - index]
            bits = bits << 8 | UInt64(byte)
        }
        return bits
    }

    private func store(_ bits: UInt64, _ bytes: UnsafeMutablePointer<UInt8>) {
        for index in 0..<byteCount {
            bytes[isBigEndian ? byteCount - 1 - index : index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))
        }
    }

    /// An integer sample, left-justified in 32 bits.
    func integer(_ bytes: UnsafePointer<UInt8>) -> Int32 {
        let bits = UInt32(truncatingIfNeeded: load(bytes)) << UInt32(32 - 8 * byteCount)
        return Int32(bitPattern: self == .u8 ? bits ^ 0x8000_0000 : bits)
    }

    /// Writes an integer sample that is left-justified in 32 bits.
    func put(_ sample: Int32, _ bytes: UnsafeMutablePointer<UInt8>) {
        let bits = self == .u8 ? UInt32(bitPattern: sample) ^ 0x8000_0000 : UInt32(bitPattern: sample)
        store(UInt64(bits >> UInt32(32 - 8 * byteCount)), bytes)
    }

    /// A float sample.
    func float(_ bytes: UnsafePointer<UInt8>) -> Double {
        byteCount == 4
            ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: load(bytes)))) : Double(bitPattern: load(bytes))
    }

    /// Writes a float sample.
    func put(_ sample: Double, _ bytes: UnsafeMutablePointer<UInt8>) {
        store(byteCount == 4 ? UInt64(Float(sample).bitPattern) : sample.bitPattern, bytes)
    }
}
