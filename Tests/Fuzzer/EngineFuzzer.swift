import Foundation

/// The target that `EARMARK_FUZZ_TARGET` names.
private let target: EngineFuzzTarget = {
    let name = ProcessInfo.processInfo.environment["EARMARK_FUZZ_TARGET"] ?? ""
    guard let target = EngineFuzzTarget(rawValue: name) else {
        let names = EngineFuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        FileHandle.standardError.write(Data("EARMARK_FUZZ_TARGET must be one of \(names)\n".utf8))
        exit(64)
    }
    return target
}()

/// What libFuzzer calls with each input.
@c(LLVMFuzzerTestOneInput) public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    target.run([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
    return 0
}
