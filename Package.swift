// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]
/// Signal code additionally marks every unsafe use and vends spans.
let signal: [SwiftSetting] =
    strict + [.strictMemorySafety(), .enableExperimentalFeature("Lifetimes")]

/// EARMARK_EMBEDDED=1 builds libearmark and the plugins, and nothing else, as embedded Swift: small, and without the
/// Swift runtime (Tools/build-plugins).
let isEmbedded = Context.environment["EARMARK_EMBEDDED"] == "1"
let embedded: [SwiftSetting] =
    isEmbedded ? [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo"])] : []
let live: [SwiftSetting] = signal + embedded

/// What a library of embedded Swift is linked with: it exports its interface alone, and keeps nothing that it does not
/// use.
func exporting(_ map: String, soname: String) -> [LinkerSetting] {
    guard isEmbedded else { return [] }
    return [
        .linkedLibrary("m"),
        .unsafeFlags([
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/\(map)", "-Xlinker", "-soname=\(soname)",
            "-Xlinker", "--gc-sections", "-Xlinker", "--no-undefined", "-Xlinker", "-s", "-no-toolchain-stdlib-rpath",
        ]),
    ]
}

/// The signal code of the mark and the inner loops of analysis are compiled a second time for processors of the level
/// x86-64-v3, which is chosen at run time: same bits, half the time. SwiftPM lets only the root package say so;
/// packages that depend on this one by version set EARMARK_BASELINE=1.
#if arch(x86_64)
    let hasV3 = Context.environment["EARMARK_BASELINE"] != "1"
#else
    let hasV3 = false
#endif

/// What a program that analyses imports.
let service = [
    "EarmarkService", "EarmarkReport", "EarmarkAnswer", "EarmarkStore", "EarmarkMedia", "EarmarkEmbed",
    "EarmarkAnalysis", "EarmarkFiles",
]

/// What the fuzzing targets call.
let fuzzed: [Target.Dependency] = [
    "CEarmark", "EarmarkAnswer", "EarmarkBatch", "EarmarkC", "EarmarkEmbed", "EarmarkMark", "EarmarkMedia",
    "EarmarkStore",
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// The targets stand in several lists: the compiler gives up on types of one long expression.
let package = Package(
    name: "Earmark",
    products: [
        .executable(name: "earmark", targets: ["earmark"]),
        .library(name: "EarmarkMark", targets: ["EarmarkMark"]),
        .library(name: "EarmarkLive", targets: ["EarmarkLive"]),
        .library(name: "earmark-c", type: .dynamic, targets: ["EarmarkC"]),
        .library(name: "EarmarkDetect", targets: ["EarmarkDetect"]),
        .library(name: "EarmarkService", targets: service),
        .library(name: "EarmarkFFTW", targets: ["EarmarkFFTW"]),
        .library(name: "EarmarkProvisioning", targets: ["EarmarkProvisioning"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // C libraries, from the system's packages. CMath is libm, where a module must do without Foundation; CProcess
        // is what Linux lets a process say of itself; CFFmpeg is headers, whose libraries are loaded by what decodes:
        // with pkgConfig every program would be linked with them.
        .systemLibrary(name: "CMath"),
        .systemLibrary(name: "CProcess"),
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
        .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CFFmpeg",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswresample-dev"])]),

        // Files, times and text forms that every module above shares.
        .target(name: "EarmarkFiles", dependencies: ["EarmarkOutput"], swiftSettings: strict),

        // Text from outside, made fit for where it is written.
        .target(name: "EarmarkOutput", dependencies: [], swiftSettings: strict),

        // The answer to one file as it is stored and published, and the one verdict.
        .target(name: "EarmarkAnswer", dependencies: ["EarmarkFiles"], swiftSettings: strict),

        // What happens in a process, as events for those who run it.
        .target(
            name: "EarmarkLog", dependencies: ["EarmarkAnswer", "EarmarkFiles", logging], swiftSettings: strict),

        // The mark: pure Swift, no Foundation, no C library.
        .target(name: "EarmarkDSP", dependencies: ["CMath"], swiftSettings: live),
        .target(
            name: "EarmarkMark", dependencies: ["CMath", "EarmarkDSP"],
            swiftSettings: live + (hasV3 ? [.define("EARMARK_V3")] : [])),
        // The inner loops of decoding and analysis.
        .target(
            name: "EarmarkKernels", dependencies: ["CMath", "EarmarkDSP"],
            swiftSettings: signal + (hasV3 ? [.define("EARMARK_V3")] : [])),
        .target(
            name: "EarmarkDetect", dependencies: ["CMath", "EarmarkDSP", "EarmarkKernels", "EarmarkMark"],
            swiftSettings: signal),

        // The embedder inside clients and media pipelines: no Foundation, so that it can be built as embedded Swift.
        .systemLibrary(name: "CEarmarkSystem"),
        .systemLibrary(name: "CEarmark"),
        .target(
            name: "EarmarkLive", dependencies: ["CEarmarkSystem", "EarmarkMark"], swiftSettings: live),
        .target(
            name: "EarmarkC", dependencies: ["CEarmark", "EarmarkLive", "EarmarkMark"], exclude: ["earmark.map"],
            swiftSettings: live,
            linkerSettings: exporting("EarmarkC/earmark.map", soname: "libearmark.so.0")),

        // Plugins for media programs. Hosts get them as embedded Swift (Tools/build-plugins); tests see them as plain
        // Swift.
        .systemLibrary(name: "CLADSPA", providers: [.apt(["ladspa-sdk"])]),
        .target(
            name: "EarmarkLADSPA", dependencies: ["CLADSPA", "EarmarkLive"], exclude: ["ladspa.map"],
            swiftSettings: live,
            linkerSettings: exporting("EarmarkLADSPA/ladspa.map", soname: "earmark.so")),
        .systemLibrary(name: "CLV2", providers: [.apt(["lv2-dev"])]),
        .target(
            name: "EarmarkLV2", dependencies: ["CLV2", "EarmarkLive"], exclude: ["lv2.map", "bundle"],
            swiftSettings: live,
            linkerSettings: exporting("EarmarkLV2/lv2.map", soname: "earmark.so")),

        // Wrappers around libraries.
        .target(name: "EarmarkFFTW", dependencies: ["EarmarkDSP", "CFFTW"], swiftSettings: signal),
        .target(
            name: "EarmarkMedia",
            dependencies: [
                "CFFmpeg", "CProcess", "CSndFile", "CZlib", "EarmarkFiles", "EarmarkKernels", "EarmarkOutput",
            ],
            swiftSettings: strict),
        .target(
            name: "EarmarkStore",
            dependencies: [
                "EarmarkAnswer", "EarmarkFiles", "EarmarkMark", "EarmarkOutput",
                crypto,
                grdb,
            ], swiftSettings: strict),

        // Identities of room devices; neither imports the mark nor is imported by it.
        .target(
            name: "EarmarkProvisioning",
            dependencies: [
                "CProcess", "EarmarkFiles", "EarmarkOutput",
                crypto,
                cryptoExtras,
                x509,
                asn1,
            ], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

package.targets += [
    // The product.
    .target(
        name: "EarmarkEmbed", dependencies: ["EarmarkFiles", "EarmarkLive", "EarmarkMark", "EarmarkMedia"],
        swiftSettings: strict),
    .target(
        name: "EarmarkAnalysis",
        dependencies: [
            "CMath", "EarmarkAnswer", "EarmarkDSP", "EarmarkDetect", "EarmarkFFTW", "EarmarkFiles", "EarmarkMark",
            "EarmarkMedia",
            crypto,
        ], swiftSettings: strict),
    // The answer as people read it: HTML, PDF, text, CSV, JSON.
    .target(
        name: "EarmarkReport",
        dependencies: [
            "EarmarkAnswer", "EarmarkDetect", "EarmarkFiles", "EarmarkOutput",
            crypto,
        ],
        swiftSettings: strict),
    // What an analysis needs, sealed for workers that have no store.
    .target(
        name: "EarmarkBundle",
        dependencies: [
            "EarmarkFiles", "EarmarkMark", "EarmarkStore", crypto,
        ], swiftSettings: strict),
    // One leaked file becomes one stored answer: what every front end calls.
    .target(
        name: "EarmarkService",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkBundle", "EarmarkDetect", "EarmarkEmbed", "EarmarkFiles",
            "EarmarkLive", "EarmarkMark", "EarmarkMedia", "EarmarkOutput", "EarmarkStore",
        ], swiftSettings: strict),
    // Many files: result files, resumption, shards, manifests.
    .target(
        name: "EarmarkBatch",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkFiles", "EarmarkMedia", "EarmarkService", "EarmarkStore",
        ],
        swiftSettings: strict),
    // Runs of many machines: plans, workers' parts, joining them and taking them into the store.
    .target(
        name: "EarmarkRun",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkBatch", "EarmarkBundle", "EarmarkDetect", "EarmarkFiles",
            "EarmarkLog", "EarmarkMedia", "EarmarkOutput", "EarmarkService", "EarmarkStore", crypto,
        ], swiftSettings: strict),
    // What the verbs of both command lines share: messages, progress, exit statuses.
    .target(
        name: "EarmarkConsole",
        dependencies: [
            "EarmarkAnswer", "EarmarkFiles", "EarmarkLog", "EarmarkOutput", "EarmarkReport",
            argumentParser,
        ], swiftSettings: strict),
    // What is stored, and what went wrong with it, in words and tables for people at a terminal.
    .target(
        name: "EarmarkWords",
        dependencies: [
            "EarmarkAnswer", "EarmarkBundle", "EarmarkConsole", "EarmarkFiles", "EarmarkLive", "EarmarkLog",
            "EarmarkMark", "EarmarkMedia", "EarmarkOutput", "EarmarkReport", "EarmarkService", "EarmarkStore",
        ], swiftSettings: strict),
    // earmark provision.
    .target(
        name: "EarmarkProvisionCLI",
        dependencies: [
            "EarmarkConsole", "EarmarkFiles", "EarmarkOutput", "EarmarkProvisioning", "EarmarkReport",
            argumentParser,
        ], swiftSettings: strict),
    .target(
        name: "EarmarkCLI",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkBatch", "EarmarkBundle", "EarmarkConsole", "EarmarkDetect",
            "EarmarkEmbed", "EarmarkFiles", "EarmarkLive", "EarmarkLog", "EarmarkMark", "EarmarkMedia", "EarmarkOutput",
            "EarmarkProvisionCLI", "EarmarkReport", "EarmarkRun", "EarmarkService", "EarmarkStore", "EarmarkWords",
            argumentParser,
        ], swiftSettings: strict),
    .executableTarget(name: "earmark", dependencies: ["EarmarkCLI"], swiftSettings: strict),
]

package.targets += [
    // Cost of the embedder alone; Benchmarks/embedder runs it.
    .executableTarget(
        name: "embedder-cost", dependencies: ["EarmarkMark"], path: "Benchmarks/embedder-cost",
        swiftSettings: strict),
    // Collusions by the thousand; Benchmarks/README.md says how to run it.
    .executableTarget(
        name: "collusion-trials",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkDetect", "EarmarkFFTW", "EarmarkMark", "EarmarkMedia",
        ],
        path: "Benchmarks/collusion-trials", swiftSettings: strict),
    // z of clients who are not named, which no product tells: for Benchmarks/robustness --scores.
    .executableTarget(
        name: "client-scores",
        dependencies: [
            "EarmarkAnalysis", "EarmarkDetect", "EarmarkFFTW", "EarmarkMark", "EarmarkMedia", "EarmarkService",
        ],
        path: "Benchmarks/client-scores", swiftSettings: strict),
]

package.targets += [
    // Seeded noise, keys and a speech-like host for the tests; no product contains it.
    .target(
        name: "EarmarkTestSupport", dependencies: ["EarmarkMark"], path: "Tests/TestSupport",
        swiftSettings: strict),
    .testTarget(
        name: "EarmarkOutputTests", dependencies: ["EarmarkOutput"], swiftSettings: strict),
    .testTarget(
        name: "EarmarkDSPTests", dependencies: ["EarmarkDSP", "EarmarkFFTW", "EarmarkTestSupport"],
        swiftSettings: strict),
    .testTarget(
        name: "EarmarkMarkTests", dependencies: ["EarmarkMark", "EarmarkTestSupport"], exclude: ["Vectors"],
        swiftSettings: strict),
    .testTarget(
        name: "EarmarkDetectTests",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkDSP", "EarmarkDetect", "EarmarkKernels", "EarmarkMark",
            "EarmarkFFTW", "EarmarkTestSupport",
        ],
        swiftSettings: strict),
    .testTarget(
        name: "EarmarkMediaTests", dependencies: ["CProcess", "EarmarkMedia", "EarmarkTestSupport", "earmark"],
        swiftSettings: strict),
    .testTarget(
        name: "EarmarkStoreTests",
        dependencies: [
            "EarmarkAnswer", "EarmarkFiles", "EarmarkStore", "EarmarkMark",
            grdb,
            crypto,
        ],
        resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
        name: "EarmarkEmbedTests",
        dependencies: ["EarmarkEmbed", "EarmarkLive", "EarmarkMark", "EarmarkMedia", "EarmarkTestSupport"],
        swiftSettings: strict),
    .testTarget(
        name: "EarmarkAnalysisTests",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkDetect", "EarmarkEmbed", "EarmarkLive", "EarmarkMark",
            "EarmarkMedia", "EarmarkTestSupport",
        ], swiftSettings: strict),
    .testTarget(
        name: "EarmarkServiceTests",
        dependencies: [
            "EarmarkAnalysis", "EarmarkAnswer", "EarmarkFiles", "EarmarkMark", "EarmarkReport", "EarmarkService",
            "EarmarkStore", "EarmarkTestSupport", "ProgramSupport",
        ], swiftSettings: strict),
    .testTarget(
        name: "EarmarkBatchTests",
        dependencies: [
            "EarmarkAnswer", "EarmarkBatch", "EarmarkCLI", "EarmarkService", "EarmarkStore", "ProgramSupport",
        ], swiftSettings: strict),
    .testTarget(
        name: "EarmarkRunTests",
        dependencies: [
            "EarmarkAnswer", "EarmarkBatch", "EarmarkBundle", "EarmarkFiles", "EarmarkRun", "EarmarkService",
            "EarmarkStore", "EarmarkTestSupport",
        ], swiftSettings: strict),
    // What takes bytes from outside, under what fuzzers found; Tools/fuzz runs the fuzzers.
    .testTarget(
        name: "EarmarkFuzzTests",
        dependencies: fuzzed, exclude: ["Corpus"], swiftSettings: strict),
    // What imports what, read from the sources.
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    // Parsers of the provisioning module with what must hold of them, for fuzzers and tests; no product contains
    // it.
    .target(
        name: "ProvisioningFuzzing",
        dependencies: [
            "EarmarkFiles", "EarmarkProvisioning", crypto,
        ], path: "Tests/ProvisioningFuzzing", swiftSettings: strict),
    .executableTarget(
        name: "provisioning-judge", dependencies: ["ProvisioningFuzzing"], path: "Tests/ProvisioningJudge",
        swiftSettings: strict),
    .testTarget(
        name: "EarmarkProvisioningTests",
        dependencies: [
            "EarmarkProvisioning", "ProvisioningFuzzing",
            crypto,
            x509,
            asn1,
        ],
        resources: [.copy("Vectors")], swiftSettings: strict),
    .testTarget(
        name: "EarmarkPluginTests",
        dependencies: [
            "CEarmark", "CLADSPA", "CLV2", "EarmarkC", "EarmarkLADSPA", "EarmarkLV2", "EarmarkMark",
            "EarmarkTestSupport",
        ], swiftSettings: strict),
    // Runs the built program; no product contains it.
    .target(name: "ProgramSupport", path: "Tests/ProgramSupport", swiftSettings: strict),
    .testTarget(
        name: "EarmarkCLITests",
        dependencies: [
            "EarmarkAnswer", "EarmarkBatch", "EarmarkCLI", "EarmarkConsole", "EarmarkFiles", "EarmarkMedia",
            "EarmarkReport", "EarmarkService", "EarmarkStore", "ProgramSupport", "earmark",
        ],
        resources: [.copy("Scripts")], swiftSettings: strict),
    // What a person gets at the end: these import no module of the product, only run the program.
    .testTarget(
        name: "EarmarkProductTests", dependencies: ["EarmarkTestSupport", "ProgramSupport", "earmark", crypto],
        exclude: ["Golden/Files"],
        // They run the program and compute little themselves: optimising them takes longer than they run.
        swiftSettings: strict + [.unsafeFlags(["-Onone"])]),
]

// Fuzzers link with libFuzzer only: Tools/fuzz and Tools/fuzz-provisioning set the variable and the compiler's flag.
if Context.environment["EARMARK_FUZZ"] == "1" {
    package.targets.append(
        .executableTarget(
            name: "provisioning-fuzzer", dependencies: ["ProvisioningFuzzing"], path: "Tests/ProvisioningFuzzer",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
    package.targets.append(
        .executableTarget(
            name: "engine-fuzzer", dependencies: fuzzed, path: "Tests/Fuzzer",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
if hasV3 {
    package.targets.first { $0.name == "EarmarkMark" }?.dependencies.append("EarmarkMarkV3")
    package.targets.append(
        .target(
            name: "EarmarkMarkV3", dependencies: ["CMath", "EarmarkDSP"],
            exclude: ["Shared/Embedder.swift", "Shared/MarkRounding.swift", "Shared/SignStreams.swift"],
            swiftSettings: live + [.define("EARMARK_WIDE"), .unsafeFlags(["-Xcc", "-march=x86-64-v3"])]))
    package.targets.first { $0.name == "EarmarkKernels" }?.dependencies.append("EarmarkKernelsV3")
    package.targets.append(
        .target(
            name: "EarmarkKernelsV3", dependencies: ["EarmarkDSP"], exclude: ["Shared/Kernels.swift"],
            swiftSettings: signal + [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]))
}

// Pages of the public interfaces: Tools/check-docs sets the variable.
if Context.environment["EARMARK_DOCC"] == "1" {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

if isEmbedded {
    package.products += [
        .library(name: "earmark-ladspa", type: .dynamic, targets: ["EarmarkLADSPA"]),
        .library(name: "earmark-lv2", type: .dynamic, targets: ["EarmarkLV2"]),
    ]
}
