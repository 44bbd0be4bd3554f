import Foundation
import SwiftASN1
import X509

/// Names in the character sets that old authorities write and the library leaves alone.
enum WideText {
    /// The text of a BMPString, UniversalString or TeletexString; nil for any other value.
    static func text(_ attribute: RelativeDistinguishedName.Attribute) -> String? {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(attribute)) != nil,
            let value = AlgorithmName.children(serializer.serializedBytes)?.last,
            case .primitive(let content) = value.content
        else { return nil }
        switch value.identifier {
        case .bmpString: return String(data: Data(content), encoding: .utf16BigEndian)
        case .universalString: return String(data: Data(content), encoding: .utf32BigEndian)
        // Nobody writes the standard's escapes: in use it is Latin 1.
        case .teletexString: return String(data: Data(content), encoding: .isoLatin1)
        default: return nil
        }
    }
}
