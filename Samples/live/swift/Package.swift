// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "mark-stream",
    dependencies: [.package(name: "Earmark", path: "../../..")],
    targets: [
        .executableTarget(
            name: "mark-stream", dependencies: [.product(name: "EarmarkLive", package: "Earmark")])
    ],
    swiftLanguageModes: [.v6])
