import Foundation
import Testing

/// docs/architecture.md: modules lie in layers, and none imports one of its own layer or of a higher one.
@Suite struct LayerTests {
    /// The layers from the bottom, above the C libraries.
    static let layers: [[String]] = [
        ["EarmarkDSP", "EarmarkOutput"],
        ["EarmarkFiles", "EarmarkKernels", "EarmarkKernelsV3"],
        ["EarmarkAnswer", "EarmarkFFTW", "EarmarkMark", "EarmarkMarkV3", "EarmarkMedia", "EarmarkProvisioning"],
        ["EarmarkDetect", "EarmarkLive", "EarmarkLog", "EarmarkStore"],
        [
            "EarmarkAnalysis", "EarmarkBundle", "EarmarkC", "EarmarkEmbed", "EarmarkLADSPA", "EarmarkLV2",
            "EarmarkReport",
        ],
        ["EarmarkConsole", "EarmarkService"],
        ["EarmarkBatch", "EarmarkProvisionCLI", "EarmarkWords"],
        ["EarmarkRun"],
        ["EarmarkCLI"],
        ["earmark"],
    ]

    private static let sources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources")

    private static func files(of module: String) throws -> [String] {
        let folder = sources.appendingPathComponent(module)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasSuffix(".swift") }
            .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
    }

    /// Modules of the product that the sources of `module` import.
    private static func imports(of module: String) throws -> Set<String> {
        let line = /^(?:@\w+ )*(?:public |package |internal )?import (?:\w+ )?(earmark|Earmark\w+)/
            .anchorsMatchLineEndings()
        return Set(try files(of: module).flatMap { $0.matches(of: line).map { String($0.output.1) } })
    }

    @Test func everyModuleHasItsLayer() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: LayerTests.sources.path)
        let modules = names.filter { $0.lowercased().hasPrefix("earmark") }
        #expect(modules.sorted() == LayerTests.layers.flatMap { $0 }.sorted())
    }

    @Test func importsGoDown() throws {
        for (height, layer) in LayerTests.layers.enumerated() {
            let below = Set(LayerTests.layers[..<height].flatMap { $0 })
            for module in layer {
                let up = try LayerTests.imports(of: module).subtracting(below)
                // Signal code is compiled twice; one chooses the other at run time.
                let twice = LayerTests.layers.joined().filter { $0 == module + "V3" }
                #expect(up.subtracting(twice).isEmpty, "\(module) imports \(up.sorted())")
            }
        }
    }

    /// A file tool that nobody could test: the reader of imports finds what is there.
    @Test func importsAreFound() throws {
        #expect(try LayerTests.imports(of: "EarmarkCLI").isSuperset(of: ["EarmarkService", "EarmarkBatch"]))
        #expect(try LayerTests.imports(of: "EarmarkOutput").isEmpty)
    }

    /// Whoever speaks to people is on top: nothing below the command lines imports the argument parser.
    @Test func onlyTheCommandLineParsesArguments() throws {
        let speaking: Set = ["EarmarkCLI", "EarmarkConsole", "EarmarkProvisionCLI"]
        for module in LayerTests.layers.flatMap({ $0 }) where !speaking.contains(module) {
            #expect(try LayerTests.files(of: module).allSatisfy { !$0.contains("import ArgumentParser") }, "\(module)")
        }
    }
}
