/// A path as a key: two are the same if their bytes are.
///
/// Texts are equal to Swift where Unicode takes them for the same, such as a composed and a decomposed é or a K and the
/// Kelvin sign; to a file system these are different files.
package struct PathKey: Hashable, Sendable {
    private let bytes: [UInt8]

    /// The key of a path.
    package init(_ path: String) { bytes = Array(path.utf8) }
}
