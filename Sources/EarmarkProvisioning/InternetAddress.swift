import Foundation

/// An address of the internet protocol, version 4 or 6.
struct InternetAddress: Equatable {
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]

    private static let version4ByteCount = 4
    private static let version6ByteCount = 16

    init?(bytes: [UInt8]) {
        guard [InternetAddress.version4ByteCount, InternetAddress.version6ByteCount].contains(bytes.count) else {
            return nil
        }
        self.bytes = bytes
    }

    /// Reads the usual texts: `192.0.2.7`, `2001:db8::7`.
    init?(_ text: String) {
        var address = [UInt8](repeating: 0, count: InternetAddress.version6ByteCount)
        if inet_pton(AF_INET, text, &address) == 1 {
            bytes = Array(address.prefix(InternetAddress.version4ByteCount))
        } else if inet_pton(AF_INET6, text, &address) == 1 {
            bytes = address
        } else {
            return nil
        }
    }

    /// The usual text.
    var text: String? {
        let family = bytes.count == InternetAddress.version4ByteCount ? AF_INET : AF_INET6
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
