import EarmarkAnalysis
public import EarmarkAnswer
import EarmarkFiles
import Foundation

extension AnswerEvidence.Build {
    /// This program on this machine; its digest is computed when it is first asked for.
    public static let thisProgram = AnswerEvidence.Build(
        version: EarmarkVersion.current, executableSHA256: try? FileDigest.sha256(path: "/proc/self/exe"),
        system: system,
        architecture: architecture)

    /// The system's own name for itself, as `PRETTY_NAME` of os-release(5) has it.
    private static var system: String {
        let text = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\""]) } ?? "Linux"
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }
}
