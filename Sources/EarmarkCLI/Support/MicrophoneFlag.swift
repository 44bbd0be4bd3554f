import ArgumentParser
import EarmarkMark

/// `--microphone`, which every command that marks takes.
struct MicrophoneFlag: ParsableArguments {
    @Flag(help: "The audio is what the client's microphone sends, not what it plays: mark it with the client's tag.")
    var microphone = false

    var role: MarkRole { microphone ? .microphone : .playout }
}
