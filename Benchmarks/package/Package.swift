// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds Earmark fetches the benchmark's dependencies.
let package = Package(
    name: "earmark-benchmarks",
    dependencies: [
        .package(name: "Earmark", path: "../.."),
        // Without its interposers of malloc and the runtime: the embedder allocates nothing (Tests/Live/stress.c).
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Embedder",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"), .product(name: "EarmarkMark", package: "Earmark"),
            ],
            path: "Benchmarks/Embedder",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ],
    swiftLanguageModes: [.v6]
)
