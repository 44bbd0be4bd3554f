internal import CLADSPA
internal import EarmarkLive
internal import EarmarkMark

/// Number of a control port, counted from the first behind the audio ports.
enum Control: Int, CaseIterable {
    /// Which ticket: 0 is `$EARMARK_TICKET`, others files of `$EARMARK_TICKET_DIR`.
    case slot
    // As `PluginPorts.Control` has them.
    case time, clock, strength, marking, markedSeconds, status

    var isOutput: Bool { rawValue >= Control.marking.rawValue }

    /// Highest number of a ticket.
    static let lastSlot: Float = 9_999
}

/// One plugin instance: `channels` channels in and out.
@safe struct Instance: ~Copyable {
    private var ports: PluginPorts

    init(channels: Int, sampleRate: Double, role: MarkRole) {
        ports = PluginPorts(
            channels: channels, sampleRate: sampleRate, role: role, before: Control.time.rawValue, after: 0)
    }

    mutating func connect(_ port: Int, _ data: UnsafeMutablePointer<LADSPA_Data>?) { unsafe ports.connect(port, data) }

    mutating func activate() {
        let slot = ports.value(ofControl: Control.slot.rawValue) ?? 0
        // What is no number is no slot either.
        let usable = slot > 0 ? Int32(min(slot, Control.lastSlot)) : 0
        unsafe ports.activate(path: nil, slot: usable)
    }

    /// Marks, or passes through what cannot be marked.
    mutating func run(_ frames: Int) {
        // A host may connect its controls only after activation.
        if !ports.isActive { activate() }
        ports.run(frames)
    }
}
