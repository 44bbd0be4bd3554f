// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "front-end",
    dependencies: [.package(name: "Earmark", path: "../..")],
    targets: [
        .executableTarget(
            name: "front-end",
            dependencies: [
                .product(name: "EarmarkDetect", package: "Earmark"), .product(name: "EarmarkFFTW", package: "Earmark"),
                .product(name: "EarmarkMark", package: "Earmark"), .product(name: "EarmarkService", package: "Earmark"),
            ])
    ],
    swiftLanguageModes: [.v6])
